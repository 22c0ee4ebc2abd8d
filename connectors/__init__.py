"""The outside world: one interface (`base`), one module or folder per system read."""
