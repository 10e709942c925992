namespace LipSol.Corpus.Synthetic;

/// <summary>Draws takes as video files. The corpus knows no pictures: the worker brings the drawing.</summary>
public interface ISyntheticRenderer
{
    /// <summary>The files' extension, with its dot.</summary>
    string Extension { get; }

    /// <summary>Identifies how it draws: equal takes and equal fingerprints give equal bytes.</summary>
    string Fingerprint { get; }

    /// <summary>Draws one take into a new file. Called by several threads at once.</summary>
    void Render(SyntheticTake take, string path);
}
