import asyncio
import socket

from portal.cli.serving import _listen


def test_an_answer_does_not_wait_for_the_clients_acknowledgement() -> None:
    async def nodelay_of(listener: socket.socket) -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        class Answer(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                accepted = transport.get_extra_info("socket")
                found.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
                transport.close()

        server = await asyncio.get_running_loop().create_server(Answer, sock=listener)
        host, port = listener.getsockname()[:2]
        _reader, writer = await asyncio.open_connection(host, port)
        nodelay = await found
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
        return nodelay

    listeners = list(_listen(0))
    assert listeners
    for listener in listeners:
        assert asyncio.run(nodelay_of(listener)) == 1
