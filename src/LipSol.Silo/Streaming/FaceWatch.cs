namespace LipSol.Silo.Streaming;

/// <summary>Notices when the speaker's face goes out of sight, and when it's back.</summary>
internal sealed class FaceWatch
{
    /// <summary>Seconds without a face that aren't worth a word: a hand before it, a dark picture.</summary>
    private const double Moment = 0.5;

    private double seen;
    private bool lost;

    /// <summary>Whether the face was lost, or found again, with this picture; null where nothing changed.</summary>
    public (bool Lost, double Time)? See(int faces, double time)
    {
        if (faces > 0)
        {
            seen = time;
            if (!lost) return null;
            lost = false;
            return (false, time);
        }

        if (lost || time - seen <= Moment) return null;
        lost = true;
        return (true, time);
    }
}
