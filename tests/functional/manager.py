#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The two things that a service manager does for a daemon, by hand.

manager.py listen ADDRESS FILE
    Receive what daemons say to NOTIFY_SOCKET=ADDRESS, a line of FILE each, with
    their own newlines as spaces.

manager.py pass NAME=WHAT... -- COMMAND...
    Become the command, with these sockets passed to it.  WHAT is tcp, tcp6, udp,
    idle (does not listen) or unix:PATH.  What the command says of --ready-fd 3 is
    taken care of.  LISTEN_FDS and LISTEN_PID stay as they are if they are set.
"""
import os
import socket
import sys


def listen(address, path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind("\0" + address[1:] if address[0] == "@" else address)
    with open(path, "w", buffering=1) as out:
        while True:
            out.write(s.recv(4096).decode().replace("\n", " ") + "\n")


def make(what):
    if what.startswith("unix:"):
        s = socket.socket(socket.AF_UNIX)
        s.bind(what[5:])
    else:
        family = socket.AF_INET6 if what == "tcp6" else socket.AF_INET
        kind = socket.SOCK_DGRAM if what == "udp" else socket.SOCK_STREAM
        s = socket.socket(family, kind)
        s.bind(("::1" if what == "tcp6" else "127.0.0.1", 0))
    if what not in ("udp", "idle"):
        s.listen()
    return s


def pass_on(args):
    cut = args.index("--")
    names, command = args[:cut], args[cut + 1 :]
    sockets = [(n.split("=", 1)[0], make(n.split("=", 1)[1])) for n in names]
    high = [os.dup2(s.fileno(), 100 + i) for i, (_, s) in enumerate(sockets)]
    if "--ready-fd" in command:
        os.dup2(3, 90)
        command[command.index("--ready-fd") + 1] = "90"
    os.closerange(3, 90)
    for i, fd in enumerate(high):
        os.dup2(fd, 3 + i)
        os.close(fd)
    os.environ.setdefault("LISTEN_FDS", str(len(sockets)))
    os.environ.setdefault("LISTEN_PID", str(os.getpid()))
    os.environ["LISTEN_FDNAMES"] = ":".join(n for n, _ in sockets)
    os.execv(command[0], command)


if sys.argv[1] == "listen":
    listen(*sys.argv[2:])
else:
    pass_on(sys.argv[2:])
