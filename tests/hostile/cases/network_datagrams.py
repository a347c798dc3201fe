"""No datagram leaves the box: not to the host, not to a name server, not to everybody, not as ping.

status = "completed"
probe = "blocked"
host = ["listeners_silent"]
"""

import socket
from functools import partial

from probes import Probes


def send(address, family=socket.AF_INET, protocol=0, broadcast=False, content=b"breach"):
    with socket.socket(family, socket.SOCK_DGRAM, protocol) as line:
        if broadcast:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        line.settimeout(1)
        return line.sendto(content, address)


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    probes.refused("loopback", partial(send, ("127.0.0.1", int(probes["udp_port"]))))
    probes.refused("name server", partial(send, ("8.8.8.8", 53)))
    probes.refused("everybody", partial(send, ("255.255.255.255", 9), broadcast=True))
    probes.refused("multicast", partial(send, ("224.0.0.251", 5353)))
    probes.refused("version 6", partial(send, ("ff02::1", 9), socket.AF_INET6))
    ping = partial(send, ("127.0.0.1", 0), protocol=socket.IPPROTO_ICMP, content=b"\x08" + bytes(7))
    probes.refused("ping", ping)
    probes.refused("udp-lite", partial(send, ("127.0.0.1", int(probes["udp_port"])), protocol=136))
    return probes.table()
