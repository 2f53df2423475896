"""placeholder"""

from simulator.command_line import HallOptions


async def run_hall(o: HallOptions) -> int:
    return 0
