"""Runs the mail catcher: `python -m deploy.mail_catcher --smtp-port 1025 --web-port 8025 --folder var/mail [--host 0.0.0.0]`."""

import argparse
import asyncio
import socket
from pathlib import Path

import uvicorn

from deploy.mail_catcher.maildir import MailDir
from deploy.mail_catcher.smtp import start_smtp_server
from deploy.mail_catcher.web import web_app


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.mail_catcher")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    return parser.parse_args()


async def main(options: argparse.Namespace) -> None:
    mails = MailDir(options.folder)
    web_socket = socket.create_server((options.host, options.web_port))
    server = uvicorn.Server(uvicorn.Config(web_app(mails), log_level="warning", lifespan="off"))
    async with await start_smtp_server(mails, options.host, options.smtp_port):
        print('{"event": "ready"}', flush=True)
        await server.serve(sockets=[web_socket])


if __name__ == "__main__":
    asyncio.run(main(parse_arguments()))
