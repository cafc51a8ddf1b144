"""Real mail servers of Debian, Postfix and Dovecot, in a folder of their own: SMTP in front, LMTP between, IMAP behind (as root only)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self

from sportello.messaging.incoming.imap import ImapAccount, fetch_all, signed_in
from tests.peers.smsc import free_port

DOVECOT = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%Lu
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
default_internal_user = dovecot
default_login_user = dovenull
auth_username_format = %Lu
recipient_delimiter = +
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%Lu allow_all_users=yes
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
protocol lmtp {{
  lmtp_hdr_delivery_address = final
}}
namespace inbox {{
  inbox = yes
}}
"""
POSTFIX = """
compatibility_level = 3.6
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mx.portal.test
mydomain = portal.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relay_domains =
virtual_mailbox_domains = reply.portal.test, cliente.test, example.test, lmtp.portal.test
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = inline:{{ lmtp.portal.test=lmtp:inet:127.0.0.1:{portal} }}
virtual_mailbox_maps = static:ok
recipient_delimiter = +
message_size_limit = 62914560
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
biff = no
append_dot_mydomain = no
alias_maps =
alias_database =
setgid_group = postdrop
mail_owner = postfix
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
meta_directory = /etc/postfix
sendmail_path = /usr/sbin/sendmail
mailq_path = /usr/bin/mailq
newaliases_path = /usr/bin/newaliases
queue_directory = {folder}/queue
data_directory = {folder}/data
"""
MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


def missing() -> str:
    """Return why the servers cannot be started here, or nothing."""
    if os.geteuid() != 0:
        return "Postfix is started by root alone"
    absent = [name for name in ("dovecot", "postfix") if shutil.which(name) is None]
    return f"not on this machine: {', '.join(absent)} (run tests/machine.py)" if absent else ""


class MailServers:
    """Both servers; mails to `…@cliente.test`, `…@example.test` and `…@reply.portal.test` lie in mailboxes, those to `lmtp.portal.test` go to the portal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.smtp, self.lmtp, self.imap, self.portal = (free_port() for _ in range(4))
        self._dovecot: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.chmod(0o755)  # both servers change to users of their own
        for name in ("mail", "run", "state", "etc", "queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "mail", "mail", "mail")
        shutil.chown(self.folder / "data", "postfix", "postfix")
        self._start_dovecot()
        self._start_postfix()
        return self

    def _start_dovecot(self) -> None:
        config = self.folder / "dovecot.conf"
        config.write_text(DOVECOT.format(folder=self.folder, lmtp=self.lmtp, imap=self.imap))
        self._dovecot = subprocess.Popen(["dovecot", "-F", "-c", str(config)])
        wait_for(self.imap)
        wait_for(self.lmtp)

    def _start_postfix(self) -> None:
        etc = self.folder / "etc"
        (etc / "main.cf").write_text(POSTFIX.format(folder=self.folder, lmtp=self.lmtp, portal=self.portal))
        (etc / "master.cf").write_text(MASTER.format(smtp=self.smtp))
        self._postfix("start")
        wait_for(self.smtp)

    def _postfix(self, word: str) -> None:
        done = subprocess.run(
            ["postfix", "-c", str(self.folder / "etc"), word], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or word == "stop", done.stderr + done.stdout

    def account(self, user: str) -> ImapAccount:
        """Return how a mailbox is read."""
        return ImapAccount("127.0.0.1", self.imap, user, "secret", security="none")

    def newest(self, user: str, *, within: float = 30) -> EmailMessage:
        """Read the newest mail as a mail program would, once there is one."""
        found: list[bytes] = []
        until = time.monotonic() + within
        lies_in = (
            self.folder / "mail" / user / "new"
        )  # made with the first mail: not to be asked for at the same moment
        while not (lies_in.is_dir() and any(lies_in.iterdir())) and time.monotonic() < until:
            time.sleep(0.02)
        with signed_in(self.account(user)) as mailbox:
            while not found and time.monotonic() < until:
                mailbox.client.noop()
                fetch_all(mailbox, self.account(user), lambda raw: found.append(raw.octets))
        parsed = message_from_bytes(found[-1], policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._postfix("stop")
        if self._dovecot is not None:
            self._dovecot.terminate()
            self._dovecot.wait(timeout=10)


def wait_for(port: int, *, within: float = 10) -> None:
    """Wait until something listens on a port of this machine."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return
        time.sleep(0.05)
    msg = f"nothing listens on {port}"
    raise AssertionError(msg)
