"""Brings the wired network up, where MicroPython runs the network itself.

Promises to return at once: the link finds out by itself when the network is there. On ports whose
operating system owns the network there is nothing to do.
"""


def start() -> None:
    """Starts the Ethernet port with an address from DHCP."""
    try:
        import network
    except ImportError:
        return  # the operating system has the network
    port = network.WIZNET5K()
    port.active(True)
