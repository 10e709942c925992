namespace LipSol.Corpus;

/// <summary>What a corpus' last version took back of changes that were made before: importing a folder again brings its own clips and labels.</summary>
/// <param name="Excluded">Clips that had been left out, and are back.</param>
/// <param name="Relabelled">Clips with the transcript or split again that had been corrected.</param>
public sealed record UndoneChanges(IReadOnlyList<string> Excluded, IReadOnlyList<string> Relabelled)
{
    /// <summary>Compares the last version with the one before it, and with those before that.</summary>
    public static UndoneChanges Of(CorpusCatalog catalog, string name)
    {
        CorpusVersion[] history = [.. catalog.Find(name)?.History ?? []];
        if (history is not [.. var earlier, var previous, var last]) return new UndoneChanges([], []);
        var (before, now) = (Clips(catalog, previous.Manifest), Clips(catalog, last.Manifest));
        List<string> excluded = [], relabelled = [];
        foreach (var version in earlier.Select(v => Clips(catalog, v.Manifest)))
        {
            foreach (var (id, clip) in now)
            {
                if (!version.TryGetValue(id, out var then)) continue;
                if (!before.TryGetValue(id, out var corrected)) excluded.Add(id);
                else if ((corrected.Text, corrected.Split) != (clip.Text, clip.Split) && (then.Text, then.Split) == (clip.Text, clip.Split)) relabelled.Add(id);
            }
        }
        return new UndoneChanges([.. excluded.Distinct().Order(StringComparer.Ordinal)], [.. relabelled.Distinct().Order(StringComparer.Ordinal)]);
    }

    private static Dictionary<string, CorpusClip> Clips(CorpusCatalog catalog, string manifest) => catalog.Artifacts.Exists(manifest) ? catalog.GetVersion(manifest).Clips.ToDictionary(c => c.Id) : [];
}
