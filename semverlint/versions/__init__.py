"""What a version name says: its scheme, its order, the step it declares, and where it stands."""
