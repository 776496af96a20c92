"""D. Granziol, Beyond Random Matrix Theory for Deep Networks, 2020."""

from ..ledger import Paper
from .gr20 import (
    background,
    bulk,
    goe,
    hessian,
    introduction,
    lanczos,
    limit_laws,
    outliers,
    percolation,
    products,
    rectangular_products,
    spiked,
    spin_glass,
    transforms,
)

PAPER = Paper(
    key="gr20",
    title="Beyond Random Matrix Theory for Deep Networks",
    source="Granziol (2020)",
    claims=(
        *introduction.CLAIMS,
        *background.CLAIMS,
        *hessian.CLAIMS,
        *goe.CLAIMS,
        *outliers.CLAIMS,
        *spin_glass.CLAIMS,
        *bulk.CLAIMS,
        *products.CLAIMS,
        *rectangular_products.CLAIMS,
        *percolation.CLAIMS,
        *lanczos.CLAIMS,
        *limit_laws.CLAIMS,
        *transforms.CLAIMS,
        *limit_laws.CLAIMS_AGAIN,
        *transforms.CLAIMS_AFTER,
        *spiked.CLAIMS,
    ),
)
