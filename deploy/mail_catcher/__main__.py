"""Runs the catcher: `python -m deploy.mail_catcher --smtp-port 1025 --web-port 8025 --folder var/mail [--host 0.0.0.0]`."""

import argparse
import asyncio
import socket
from pathlib import Path

import uvicorn

from deploy.mail_catcher.maildir import MailDir
from deploy.mail_catcher.smtp import listen
from deploy.mail_catcher.web import web


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.mail_catcher")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    return parser.parse_args()


async def main(options: argparse.Namespace) -> None:
    folder = MailDir(options.folder)
    door = socket.create_server((options.host, options.web_port))
    server = uvicorn.Server(uvicorn.Config(web(folder), log_level="warning", lifespan="off"))
    async with await listen(folder, options.host, options.smtp_port):
        print('{"event": "ready"}', flush=True)
        await server.serve(sockets=[door])


if __name__ == "__main__":
    asyncio.run(main(arguments()))
