"""FatturaPA: envelope, safe XML, schema, reading, sums, writing; the messages of SdI. Nothing here touches the database."""
