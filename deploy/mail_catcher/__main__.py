"""Entry point: `python -m deploy.mail_catcher --smtp-port 1025 --web-port 8025 --folder var/mail [--host 0.0.0.0]`."""

import argparse
import asyncio
import signal
import socket
from pathlib import Path

import uvicorn

from deploy.mail_catcher.maildir import MailDir
from deploy.mail_catcher.smtp import start_smtp_server
from deploy.mail_catcher.web import web_app

INDEX_INTERVAL = 2.0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.mail_catcher")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    return parser.parse_args()


async def keep_index(mails: MailDir) -> None:
    """Write the list of the emails again and again, for readers of the folder."""
    while True:
        await asyncio.to_thread(mails.write_index)
        await asyncio.sleep(INDEX_INTERVAL)


async def main(options: argparse.Namespace) -> None:
    mails = MailDir(options.folder)
    web_socket = socket.create_server((options.host, options.web_port))
    server = uvicorn.Server(uvicorn.Config(web_app(mails), log_level="warning", lifespan="off"))
    # uvicorn raises the signal that ended it once more, and the last index has yet to be written
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: None)
    async with await start_smtp_server(mails, options.host, options.smtp_port):
        print('{"event": "ready"}', flush=True)
        index = asyncio.create_task(keep_index(mails))
        await server.serve(sockets=[web_socket])
    index.cancel()
    await asyncio.gather(index, return_exceptions=True)
    mails.write_index()


if __name__ == "__main__":
    asyncio.run(main(parse_arguments()))
