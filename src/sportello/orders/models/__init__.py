"""Types of orders, orders with their items and history, and what stands around them."""

from sportello.orders.models.around import NumberProof, OrderFile, OrderOptions
from sportello.orders.models.catalogue import OrderForm, OrderNumber, OrderQueue, OrderType
from sportello.orders.models.orders import Order, OrderItem, OrderStep

__all__ = [
    "NumberProof",
    "Order",
    "OrderFile",
    "OrderForm",
    "OrderItem",
    "OrderNumber",
    "OrderOptions",
    "OrderQueue",
    "OrderStep",
    "OrderType",
]
