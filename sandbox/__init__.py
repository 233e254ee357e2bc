"""The three vendors, played on localhost from their published contracts, for demo and tests."""

from sandbox.faults import Fault
from sandbox.messages import Request, Response
from sandbox.routing import Router
from sandbox.server import Asked, Sandbox, Vendor

__all__ = ["Asked", "Fault", "Request", "Response", "Router", "Sandbox", "Vendor"]
