"""The card of a registered model's version: a page made of what is stored, without loading the model."""
