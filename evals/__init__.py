"""Cases, scorers and the gate that every change passes."""
