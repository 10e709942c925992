using System.Globalization;

namespace LipSol.Corpus.Import;

/// <summary>How to divide a corpus that comes without a split.</summary>
public enum SplitBy
{
    /// <summary>By speaker where there are three or more, else by sentence.</summary>
    Auto,
    /// <summary>All clips of a speaker in one split.</summary>
    Speaker,
    /// <summary>All clips of a sentence in one split; clips of single words are dealt out word by word.</summary>
    Sentence,
}

/// <summary>What an importer is told beside the folder.</summary>
public sealed record ImportOptions
{
    /// <summary>The corpus' name.</summary>
    public required string Name { get; init; }
    /// <summary>BCP 47 tag of the transcripts; null: the importer's own (GRID <c>en</c>, the others <c>ur</c>).</summary>
    public string? Language { get; init; }
    /// <summary>How to divide where there's no split.</summary>
    public SplitBy SplitBy { get; init; }
    /// <summary>Of the division.</summary>
    public int Seed { get; init; } = 1;
    /// <summary>Share of <c>val</c> in the division.</summary>
    public double ValShare { get; init; } = 0.1;
    /// <summary>Share of <c>test</c> in the division.</summary>
    public double TestShare { get; init; } = 0.15;
    /// <summary>Only these speakers; empty: all.</summary>
    public IReadOnlyList<string> Speakers { get; init; } = [];
    /// <summary>The pictures are mouths already: they are scaled, not tracked.</summary>
    public bool MouthCrops { get; init; }
    /// <summary>Attribution and licence to show with the corpus.</summary>
    public string? Attribution { get; init; }

    /// <summary>A file with the grammar that the sentences follow, JSON or text; null: <see cref="SentenceGrammars.FileName"/> in the folder, else the importer's own.</summary>
    public string? GrammarFile { get; init; }

    /// <summary>Reads options from text: <c>language</c>, <c>split-by</c>, <c>seed</c>, <c>val-share</c>, <c>test-share</c>, <c>speakers</c> (comma-separated),
    /// <c>mouth-crops</c>, <c>attribution</c>, <c>grammar</c> (a file).</summary>
    /// <exception cref="ArgumentException">An unknown option, or a value that isn't one.</exception>
    public static ImportOptions From(string name, IReadOnlyDictionary<string, string> options)
    {
        var result = new ImportOptions { Name = CorpusCatalog.CheckName(name) };
        foreach (var (key, value) in options)
        {
            result = key switch
            {
                "language" => result with { Language = value },
                "split-by" => result with
                {
                    SplitBy = Enum.TryParse<SplitBy>(value, ignoreCase: true, out var by) && Enum.IsDefined(by) ? by : throw Bad(key, value, "auto, speaker or sentence"),
                },
                "seed" => result with
                {
                    Seed = int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed) ? seed : throw Bad(key, value, "a whole number"),
                },
                "val-share" => result with { ValShare = Share(key, value) },
                "test-share" => result with { TestShare = Share(key, value) },
                "speakers" => result with { Speakers = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) },
                "mouth-crops" => result with { MouthCrops = bool.TryParse(value, out var crops) ? crops : throw Bad(key, value, "true or false") },
                "attribution" => result with { Attribution = value },
                "grammar" => result with { GrammarFile = value },
                _ => throw new ArgumentException($"There is no import option '{key}'. There are: language, split-by, seed, val-share, test-share, speakers, mouth-crops, attribution, grammar."),
            };
        }
        return result.ValShare + result.TestShare < 1 ? result : throw new ArgumentException("val-share and test-share leave nothing to train on.");
    }

    private static double Share(string key, string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is > 0 and < 1 ? share : throw Bad(key, value, "a share between 0 and 1");

    private static ArgumentException Bad(string key, string value, string wanted) => new($"{key} is '{value}'; it must be {wanted}.");
}
