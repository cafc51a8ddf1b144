"""Words that the invented organisations and people are made of. The places and firms exist nowhere; the first and family names are the common ones."""

GIVEN_NAMES = {
    "IT": (
        "Alessandro Alessia Alice Andrea Angela Anna Antonella Antonio Arianna Barbara Beatrice Bruno Camilla Carla Carlo "
        "Caterina Chiara Claudia Claudio Cristina Daniela Daniele Davide Diego Domenico Elena Eleonora Elisa Emanuele Enrico "
        "Fabio Federica Federico Filippo Francesca Francesco Gabriele Giacomo Gianluca Giorgia Giorgio Giovanna Giovanni "
        "Giulia Giuseppe Ilaria Irene Laura Lorenzo Luca Lucia Luigi Marco Maria Marta Martina Massimo Matteo Maurizio "
        "Michela Michele Monica Nicola Nicoletta Paola Paolo Patrizia Pietro Raffaella Riccardo Roberta Roberto Rosa "
        "Salvatore Sara Serena Silvia Simona Simone Sofia Stefania Stefano Teresa Tommaso Valentina Valeria Vincenzo Vittoria"
    ).split(),
    "ES": (
        "Adrián Alba Alberto Alejandro Alicia Álvaro Ana Andrés Ángel Antonio Beatriz Carlos Carmen Clara Cristina Daniel "
        "David Diego Elena Enrique Eva Fernando Francisco Gonzalo Guillermo Inés Irene Isabel Iván Javier Jesús Jorge José "
        "Juan Julia Laura Lucía Luis Manuel Marcos María Marina Mario Marta Miguel Natalia Nuria Óscar Pablo Patricia Paula "
        "Pedro Pilar Rafael Raquel Ramón Raúl Roberto Rocío Rosa Rubén Sandra Sara Sergio Silvia Sofía Susana Teresa Víctor"
    ).split(),
}
FAMILY_NAMES = {
    "IT": (
        "Amato Barbieri Barone Basile Battaglia Bellini Benedetti Bernardi Bianchi Bruno Caputo Carbone Caruso Cattaneo "
        "Colombo Conte Conti Coppola Costa Costantini D'Angelo De Luca De Rosa De Santis Esposito Fabbri Farina Ferrara "
        "Ferrari Ferraro Ferretti Ferri Fiore Fontana Galli Gallo Gatti Gentile Giordano Giuliani Grassi Grasso Greco Guerra "
        "Guidi Leone Lombardi Lombardo Longo Mancini Marchetti Mariani Marini Marino Martinelli Martini Martino Mazza Messina "
        "Milani Montanari Monti Morelli Moretti Negri Orlando Palmieri Palumbo Parisi Pellegrini Pellegrino Piras Poli Ricci "
        "Riva Rinaldi Rizzi Rizzo Romano Rossetti Rossi Ruggiero Russo Sala Sanna Santoro Serra Silvestri Sorrentino Testa "
        "Valentini Villa Vitale Vitali Zanetti"
    ).replace("De ", "De_").split(),
    "ES": (
        "Alonso Álvarez Blanco Cabrera Calvo Campos Cano Castillo Castro Cortés Cruz Delgado Díaz Díez Domínguez Fernández "
        "Flores Fuentes Gallego García Garrido Gil Gómez González Guerrero Gutiérrez Hernández Herrera Iglesias Jiménez León "
        "López Lozano Marín Márquez Martín Martínez Medina Méndez Molina Morales Moreno Muñoz Navarro Núñez Ortega Ortiz "
        "Peña Pérez Prieto Ramírez Ramos Rodríguez Romero Rubio Ruiz Sánchez Santana Santos Sanz Serrano Suárez Torres "
        "Vargas Vázquez Vega Vicente Vidal"
    ).split(),
}

PLACE_HEADS = {
    "IT": "Borgo Castel Colle Fonte Monte Pieve Ponte Rocca San_Leucio Torre Val Villa Poggio Campo Acqua Sasso Serra".split(),
    "ES": "Villa Torre Puente Monte Valle Peña Fuente Castro Aldea Puerto Campo Sierra".split(),
}
PLACE_TAILS = {
    "IT": (
        "alcedra amerula ardenza avelina belmira brunara caldora castria celandra cervara corinara dalmera darina falcora "
        "ferlana fioralba galdana ginestra gramola larenza lidora malvina melanda meridia merula nebiola nocera ombrina "
        "oriola palmira perlana quarina ravelda rosmara salvenza sambina selvana serlunga sorvina talora tramena ulmara "
        "valdora verlana vesprina zafferia"
    ).split(),
    "ES": (
        "albera almara arcilla azulina bermeja brezal cantiel cebral coralina darrega dorada encinar espliego galbana "
        "ginesta grajera hinojal jarilla lavanda luzmar madroña mimbrera nevada olmeda pinarda quejiga retama robleda "
        "salmera tejera tomillar valmera vegabel zarzal"
    ).split(),
}
PROVINCES = {
    "IT": "AL AN AR BA BG BO BS CA CT FI GE LE MI MO NA PA PD PE PG PI PR RM SA SI TN TO TS UD VE VR".split(),
    "ES": "A AB AL BA BI BU C CA CC CO GC GR H J LE LO M MA MU O PO S SA SE SG TF V VA Z ZA".split(),
}
STREETS = {
    "IT": "Via_dei_Tigli Via_delle_Officine Piazza_del_Mercato Viale_della_Stazione Via_San_Leucio Largo_dei_Mulini".split(),
    "ES": "Calle_del_Olmo Avenida_de_la_Estación Plaza_del_Mercado Calle_de_los_Molinos Paseo_del_Río".split(),
}

PUBLIC_BODIES = {
    "IT": (
        "Comune di {place}",
        "Provincia di {place}",
        "Azienda sanitaria {place}",
        "Istituto comprensivo {place}",
        "Unione dei comuni {place}",
        "Consorzio di bonifica {place}",
        "Università di {place}",
    ),
    "ES": ("Ayuntamiento de {place}", "Diputación de {place}", "Hospital comarcal de {place}", "Mancomunidad de {place}"),
}
COMPANIES = {
    "IT": (
        "Officine {place} S.r.l.",
        "{place} Logistica S.p.A.",
        "Cantine {place} S.r.l.",
        "Tessuti {place} S.p.A.",
        "{place} Energia S.p.A.",
        "Ceramiche {place} S.r.l.",
        "Cooperativa {place}",
        "{place} Alimentari S.r.l.",
        "Costruzioni {place} S.r.l.",
        "Farmaceutici {place} S.p.A.",
    ),
    "ES": (
        "Aceros {place} S.L.",
        "{place} Logística S.A.",
        "Bodegas {place} S.L.",
        "Conservas {place} S.A.",
        "Transportes {place} S.L.",
    ),
}
PARTNERS = ("{place} Telecomunicazioni S.r.l.", "Reti {place} S.r.l.", "{place} Voce e Dati S.r.l.", "Telefonia {place} S.a.s.")
OFFICES = (
    "Direzione generale",
    "Ragioneria",
    "Personale",
    "Ufficio tecnico",
    "Sistemi informativi",
    "Servizi sociali",
    "Polizia locale",
    "Logistica",
    "Vendite",
    "Assistenza clienti",
    "Acquisti",
    "Manutenzione",
    "Produzione",
    "Ricerca",
    "Legale",
)
SITE_KINDS = ("Sede centrale", "Sede distaccata", "Magazzino", "Laboratorio", "Sportello", "Deposito")
CONTACT_ROLES = ("Referente tecnico", "Referente amministrativo", "Portineria")
DEVICES = ("Aria 12", "Aria 14 Pro", "Lumen S3", "Lumen Note", "Corda X", "Tavola 10", "")


def spaced(word: str) -> str:
    """Return a word of these lists with its blanks."""
    return word.replace("_", " ")
