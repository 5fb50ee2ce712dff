"""The shared probe library: one file a kind of evidence. Probes look; they judge nothing."""
