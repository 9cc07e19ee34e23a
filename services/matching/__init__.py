"""Who is proposed to whom: pools, shortlists with reasons, proposals, consent of both sides, tandems formed."""
