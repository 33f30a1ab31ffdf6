"""Results on disk: manifest, receipts and the tables of finished replications, written and read in one room."""
