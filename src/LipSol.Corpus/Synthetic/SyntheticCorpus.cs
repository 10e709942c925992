using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using LipSol.Artifacts;
using LipSol.Corpus.Import;
using LipSol.Language.Decoding;

namespace LipSol.Corpus.Synthetic;

/// <summary>How far the drawing of a synthetic corpus is.</summary>
/// <param name="Done">Takes done.</param>
/// <param name="Total">Takes in all.</param>
/// <param name="Reused">Of those done, the ones that had been drawn before.</param>
public sealed record SyntheticProgress(int Done, int Total, int Reused);

/// <summary>A synthetic corpus as a folder: videos, <c>labels.csv</c> with word times, <c>speakers.json</c>, and <c>synthetic.json</c>, which says what it was made of.</summary>
public static class SyntheticCorpus
{
    /// <summary>Says what the folder was made of; a folder without it is never overwritten.</summary>
    public const string MarkerFile = "synthetic.json";

    private const string Attribution = "Synthetic: drawn speakers, made by LipSol. No person is shown.";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        IncludeFields = true,
    };

    /// <summary>Draws what isn't drawn yet. Interrupted, it goes on where it was. Equal options and renderer give equal bytes.</summary>
    /// <param name="options">What to draw.</param>
    /// <param name="folder">Where to; new, empty, or holding a synthetic corpus (which is replaced where the options differ).</param>
    /// <param name="renderer">Draws a take.</param>
    /// <param name="parallelism">Takes at the same time.</param>
    /// <param name="progress">Is told after each take.</param>
    /// <param name="cancellationToken">Cancels; what was drawn is kept.</param>
    /// <exception cref="ArgumentException">The options don't make a corpus.</exception>
    /// <exception cref="IOException">The folder holds something else.</exception>
    public static void Write(
        SyntheticCorpusOptions options, string folder, ISyntheticRenderer renderer, int parallelism = 1,
        IProgress<SyntheticProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var valid = options.Checked();
        Claim(folder, valid, renderer);
        var total = SyntheticScript.Count(valid);
        int done = 0, reused = 0;
        var labels = new (string Id, string Line)[total];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, parallelism), CancellationToken = cancellationToken };
        try
        {
            Parallel.ForEach(SyntheticScript.Takes(valid), parallel, (take, _, i) =>
            {
                var relative = take.Id + renderer.Extension;
                var path = Path.Combine(folder, relative);
                labels[i] = (take.Id, string.Join('\n', take.Words.Select(word => string.Create(CultureInfo.InvariantCulture,
                    $"{relative},{take.Speaker.Name},{take.Split.ToString().ToLowerInvariant()},{word.Word},{word.Start:0.###},{word.End:0.###}"))));
                if (File.Exists(path)) Interlocked.Increment(ref reused);
                else Draw(take, path, renderer);
                progress?.Report(new SyntheticProgress(Interlocked.Increment(ref done), total, reused));
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        RemoveLeftovers(folder, renderer.Extension);
        DurableFile.Replace(Path.Combine(folder, "speakers.json"), JsonSerializer.SerializeToUtf8Bytes(SyntheticSpeaker.Cast(valid), Json));
        DurableFile.Replace(Path.Combine(folder, LabelsCsv.FileName), Encoding.UTF8.GetBytes(
            "path,speaker,split,text,start,end\n" + string.Concat(labels.OrderBy(l => l.Id, StringComparer.Ordinal).Select(l => l.Line + "\n"))));
    }

    /// <summary>The draft of a folder that <see cref="Write"/> made.</summary>
    /// <exception cref="CorpusProblemsException">The folder isn't complete, or was changed so that it's no corpus any more.</exception>
    public static CorpusDraft Import(string folder, string name)
    {
        var path = Path.Combine(folder, MarkerFile);
        if (!File.Exists(path)) throw new CorpusProblemsException([new CorpusProblem(MarkerFile, null, $"does not exist in {folder}: it is no synthetic corpus")]);
        var marker = JsonSerializer.Deserialize<Marker>(File.ReadAllBytes(path), Json)!;
        var draft = LabelsCsvImporter.Import(folder, new ImportOptions { Name = name, Language = "ur", Attribution = Attribution });
        var origin = new Dictionary<string, string>
        {
            ["importer"] = "synthetic",
            ["options"] = marker.Options,
            ["renderer"] = marker.Renderer,
            ["seed"] = marker.Settings.Seed.ToString(CultureInfo.InvariantCulture),
            ["test-seed"] = marker.Settings.TestSeed.ToString(CultureInfo.InvariantCulture),
        };
        return draft with { Manifest = draft.Manifest with { Kind = CorpusKind.Synthetic, Origin = origin, Grammar = marker.Settings.Sentences ? Grammar.Urdu : null } };
    }

    // The marker comes first: whatever lies in a folder with an equal marker was drawn for it, since a file gets its name only when it's complete.
    private static void Claim(string folder, SyntheticCorpusOptions options, ISyntheticRenderer renderer)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, MarkerFile);
        var marker = JsonSerializer.SerializeToUtf8Bytes(new Marker(options.Fingerprint(), renderer.Fingerprint, options), Json);
        if (File.Exists(path))
        {
            if (File.ReadAllBytes(path).AsSpan().SequenceEqual(marker)) return;
            foreach (var speaker in Directory.EnumerateDirectories(folder).Where(d => Path.GetFileName(d).StartsWith("seen-", StringComparison.Ordinal)
                || Path.GetFileName(d).StartsWith("unseen-", StringComparison.Ordinal)))
            {
                Directory.Delete(speaker, recursive: true);
            }
            File.Delete(Path.Combine(folder, LabelsCsv.FileName));
        }
        else if (Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new IOException($"{folder} is not empty and holds no synthetic corpus ({MarkerFile} is missing): choose another folder.");
        }
        DurableFile.Replace(path, marker);
    }

    private static void Draw(SyntheticTake take, string path, ISyntheticRenderer renderer)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}{renderer.Extension}");
        try
        {
            renderer.Render(take, temporary);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // Takes that a killed process had begun.
    private static void RemoveLeftovers(string folder, string extension)
    {
        foreach (var speaker in Directory.EnumerateDirectories(folder, "*seen-*"))
            foreach (var file in new DirectoryInfo(speaker).EnumerateFiles(".*" + extension, new EnumerationOptions { AttributesToSkip = 0 })) file.Delete();
    }

    private sealed record Marker(string Options, string Renderer, SyntheticCorpusOptions Settings);
}
