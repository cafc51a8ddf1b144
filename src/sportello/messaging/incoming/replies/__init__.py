"""What the writer of a mail wrote, apart from the signature and from the mails quoted below, between or above."""

from sportello.messaging.incoming.replies.splitting import split_reply

__all__ = ["split_reply"]
