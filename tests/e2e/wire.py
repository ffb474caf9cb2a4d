"""wire.py PID_A ADDRESS_A PID_B ADDRESS_B SEED -- a wire between the network
namespaces of two processes, in which packets are lost, late or stuck.

Each end is a TUN device, so this works where the kernel has neither netem nor
nftables.  It loses nothing until it is told to, by lines on its input:

    loss SHARE [DELAY_MS]   of the packets of either direction; others come
                            DELAY_MS late, give or take a half of it
    cut                     nothing passes, and nobody is told
    whole                   all passes at once

Says "ready" when the wire is there; ends with its input.
"""
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 1, 0x1000
CLONE_NEWNET = 0x40000000
PACKET = 65536
libc = ctypes.CDLL(None, use_errno=True)


def enter(pid):
    with open(f"/proc/{pid}/ns/net", "rb") as ns:
        if libc.setns(ns.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def end(pid, own, other):
    """A TUN device in the namespace of the process; its descriptor."""
    enter(pid)
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    name = fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"wire%d", IFF_TUN | IFF_NO_PI))[:16]
    name = name.rstrip(b"\0").decode()
    subprocess.run(["ip", "address", "add", own, "peer", other, "dev", name], check=True)
    subprocess.run(["ip", "link", "set", name, "up"], check=True)
    return tun


class Wire:
    def __init__(self, ends, seed):
        self.other = {ends[0]: ends[1], ends[1]: ends[0]}
        self.random = random.Random(seed)
        self.loss, self.delay_s, self.late, self.number = 0.0, 0.0, [], 0
        self.heard = b""

    def listen(self):
        heard = os.read(0, PACKET)
        *lines, self.heard = (self.heard + heard).split(b"\n")
        for line in lines:
            self.told(line.decode())
        return heard

    def told(self, line):
        words = line.split()
        self.loss = {"cut": 1.0, "whole": 0.0}.get(words[0]) if len(words) == 1 else float(words[1])
        self.delay_s = float(words[2]) / 1000 if len(words) > 2 else 0.0

    def take(self, tun):
        packet = os.read(tun, PACKET)
        if self.random.random() < self.loss:
            return
        due = time.monotonic() + self.delay_s * self.random.uniform(0.5, 1.5)
        self.number += 1
        heapq.heappush(self.late, (due, self.number, self.other[tun], packet))

    def give(self):
        while self.late and self.late[0][0] <= time.monotonic():
            _, _, tun, packet = heapq.heappop(self.late)
            try:
                os.write(tun, packet)
            except OSError:
                pass  # lost at the other end, as packets are

    def rest(self):
        return max(0.0, self.late[0][0] - time.monotonic()) if self.late else None

    def run(self):
        while True:
            ready, _, _ = select.select([0, *self.other], [], [], self.rest())
            if 0 in ready and not self.listen():
                return
            for tun in self.other:
                if tun in ready:
                    self.take(tun)
            self.give()


def main():
    a, address_a, b, address_b, seed = sys.argv[1:]
    wire = Wire([end(a, address_a, address_b), end(b, address_b, address_a)], int(seed))
    print("ready", flush=True)
    wire.run()


main()
