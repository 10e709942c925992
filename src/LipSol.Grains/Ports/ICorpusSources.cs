namespace LipSol.Grains.Ports;

/// <summary>Corpora and the recordings that they are made from. Implemented by the silo.</summary>
public interface ICorpusSources
{
    /// <summary>The version that a corpus' name points at; null where there's none.</summary>
    Task<string?> FindAsync(string corpus, CancellationToken cancellationToken);

    /// <summary>What lies in a folder, in a text that changes when a file is added, changed or taken away: how many files, how many bytes, a hash of their names, sizes and times.</summary>
    /// <exception cref="CorpusFailedException">There's no such folder, or it can't be read.</exception>
    Task<string> LookAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Imports a corpus, with what was cropped before from the cache. Repeatable, also where it was cut short.</summary>
    /// <param name="import">What to import.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CorpusFailedException">It couldn't be.</exception>
    Task<ImportedCorpus> ImportAsync(CorpusImport import, Action<string> progress, CancellationToken cancellationToken);
}

/// <summary>A corpus to import.</summary>
/// <param name="Corpus">Its name.</param>
/// <param name="Layout"><c>grid</c>, <c>urdu</c> or <c>folder</c>.</param>
/// <param name="Folder">Where the recordings lie.</param>
/// <param name="Options">The importer's options.</param>
/// <param name="Jobs">Clips at the same time; null: as the node sees fit.</param>
public sealed record CorpusImport(string Corpus, string Layout, string Folder, IReadOnlyDictionary<string, string> Options, int? Jobs);

/// <summary>An imported corpus.</summary>
/// <param name="DataHash">The version that its name points at now.</param>
/// <param name="Clips">Clips.</param>
/// <param name="Refused">Of those, unusable.</param>
/// <param name="Prepared">Of those, cropped now; the others were before.</param>
public sealed record ImportedCorpus(string DataHash, int Clips, int Refused, int Prepared);

/// <summary>A corpus can't be had. <paramref name="again"/>: it may be another time.</summary>
public sealed class CorpusFailedException(string message, bool again) : Exception(message)
{
    /// <summary>It may be had another time.</summary>
    public bool Again => again;
}
