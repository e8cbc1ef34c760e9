"""Waiting for the writer: a receipt in time, or the answer that nobody knows yet."""

import asyncio
from concurrent.futures import Future

from alerts.events import Receipt
from web.errors import WaitedTooLong


async def settled(answer: Future[Receipt], patience_s: float) -> Receipt:
    """The receipt, or `WaitedTooLong`: then nobody knows yet, and the sender asks again."""
    try:
        return await asyncio.wait_for(asyncio.wrap_future(answer), patience_s)
    except TimeoutError:
        raise WaitedTooLong from None
