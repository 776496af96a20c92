"""The papers whose claims the ledger keeps, one file a paper."""

from .granziol import PAPER as GR20
from .pennington_bahri import PAPER as PB17
from .pennington_bahri_supplement import PAPER as PB17S

PAPERS = (PB17, PB17S, GR20)
