"""Sections 6.1 to 6.3 of Pennington & Bahri (2017)."""

from . import beyond_blocks, beyond_hessian, beyond_product, beyond_wishart

CLAIMS = (
    *beyond_blocks.CLAIMS,
    *beyond_product.CLAIMS,
    *beyond_wishart.CLAIMS,
    *beyond_hessian.CLAIMS,
)
