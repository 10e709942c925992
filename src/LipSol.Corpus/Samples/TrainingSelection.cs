using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LipSol.Corpus.Samples;

/// <summary>Which part of a corpus a run is trained on: fewer clips, fewer speakers, or all speakers but one. What isn't selected is as if it had never been recorded.</summary>
/// <remarks>
/// Subsets are nested: with one seed, a larger one holds the smaller one. Clips come so that each text is there once before any is there twice, and speakers take turns.
/// <c>val</c> loses the clips of speakers that training loses, and <c>test</c> never loses any.
/// </remarks>
public sealed record TrainingSelection
{
    /// <summary>The run's parameter for <see cref="Clips"/>.</summary>
    public const string ClipsParameter = "train_clips";
    /// <summary>The run's parameter for <see cref="Speakers"/>.</summary>
    public const string SpeakersParameter = "train_speakers";
    /// <summary>The run's parameter for <see cref="HeldOut"/>.</summary>
    public const string HeldOutParameter = "hold_out_speaker";
    /// <summary>The run's parameter for <see cref="Seed"/>.</summary>
    public const string SeedParameter = "selection_seed";

    /// <summary>Clips of <c>train</c> that are used; 0: all.</summary>
    public int Clips { get; init; }
    /// <summary>Speakers of <c>train</c> that are used; 0: all.</summary>
    public int Speakers { get; init; }
    /// <summary>The speaker that is left out of <c>train</c> and <c>val</c>; empty: none.</summary>
    public string HeldOut { get; init; } = "";
    /// <summary>Decides which clips and speakers.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The selection that a run's parameters name; what isn't there, or makes no sense, leaves all in (the run itself refuses it).</summary>
    public static TrainingSelection From(IReadOnlyDictionary<string, string> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return new TrainingSelection
        {
            Clips = (int)Number(ClipsParameter, 0),
            Speakers = (int)Number(SpeakersParameter, 0),
            HeldOut = parameters.GetValueOrDefault(HeldOutParameter) ?? "",
            Seed = Number(SeedParameter, 1),
        };

        long Number(string name, long otherwise) => long.TryParse(parameters.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue ? number : otherwise;
    }

    /// <summary>What a run sees of the corpus. A held-out speaker without a clip in <c>test</c> (a corpus that was divided by speaker) is tested on the clips that training lost.</summary>
    /// <exception cref="CorpusProblemsException">There is no such speaker, or there aren't that many speakers or clips.</exception>
    public CorpusManifest ForTraining(CorpusManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        Demand(manifest);
        return Apply(manifest, moveHeldOut: !manifest.Clips.Any(c => IsUsable(c) && c.Split == Split.Test && c.Speaker == HeldOut));
    }

    /// <summary>The corpus as a model reads it that was trained with this selection: the test clips are the same for every model, who is seen is as it was for this one. Numbers beyond those of the corpus select all.</summary>
    public CorpusManifest ForReading(CorpusManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return Apply(manifest, moveHeldOut: false);
    }

    private void Demand(CorpusManifest manifest)
    {
        var problems = new List<string>();
        var speakers = manifest.Clips.Where(IsTraining).Select(c => c.Speaker).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (HeldOut.Length > 0 && !speakers.Contains(HeldOut)) problems.Add($"can't hold out '{HeldOut}', who isn't in train: {string.Join(", ", speakers)} are");
        else if (HeldOut.Length > 0 && speakers.Length == 1) problems.Add($"has no other speaker than '{HeldOut}' to train on");
        var left = speakers.Count(s => s != HeldOut);
        if (Speakers > left) problems.Add($"has {left} speakers to train on, not {Speakers}");
        var clips = (this with { Clips = 0 }).Select(manifest).Count;
        if (Clips > clips) problems.Add($"has {clips} clips to train on, not {Clips}");
        CorpusProblemsException.ThrowIfAny([.. problems.Select(p => new CorpusProblem(manifest.Name, null, p))]);
    }

    private CorpusManifest Apply(CorpusManifest manifest, bool moveHeldOut)
    {
        if (this is { Clips: 0, Speakers: 0, HeldOut: "" }) return manifest;
        var selected = Select(manifest);
        var ids = selected.Select(c => c.Id).ToHashSet();
        var lost = manifest.Clips.Where(IsTraining).Select(c => c.Speaker).Except(selected.Select(c => c.Speaker)).Append(HeldOut).ToHashSet();
        // Where val knows nobody whom training keeps, choosing by strangers is better than choosing by nobody.
        var valStays = !manifest.Clips.Any(c => IsUsable(c) && c.Split == Split.Val && !lost.Contains(c.Speaker));
        return manifest with { Clips = [.. manifest.Clips.Select(AsSeen).OfType<CorpusClip>()] };

        CorpusClip? AsSeen(CorpusClip clip) => clip switch
        {
            { Split: Split.Test } => clip,
            _ when clip.Speaker == HeldOut => moveHeldOut && IsUsable(clip) ? clip with { Split = Split.Test } : null,
            { Split: Split.Train } => ids.Contains(clip.Id) ? clip : null,
            _ => valStays || !lost.Contains(clip.Speaker) ? clip : null,
        };
    }

    /// <summary>The training clips that are used, in the order in which larger subsets take them.</summary>
    private IReadOnlyList<CorpusClip> Select(CorpusManifest manifest)
    {
        var train = manifest.Clips.Where(c => IsTraining(c) && c.Speaker != HeldOut).OrderBy(c => Rank(c.Id)).ToArray();
        if (Speakers > 0)
        {
            var speakers = train.Select(c => c.Speaker).Distinct().OrderBy(Rank).Take(Speakers).ToHashSet();
            train = [.. train.Where(c => speakers.Contains(c.Speaker))];
        }
        if (Clips == 0) return train;
        var (texts, turns) = (new Dictionary<string, int>(), new Dictionary<(int, string), int>());
        return [.. train.Select(clip =>
        {
            var time = texts[clip.Text] = texts.GetValueOrDefault(clip.Text) + 1;
            var turn = turns[(time, clip.Speaker)] = turns.GetValueOrDefault((time, clip.Speaker)) + 1;
            return (Clip: clip, Time: time, Turn: turn);
        }).OrderBy(c => c.Time).ThenBy(c => c.Turn).Take(Clips).Select(c => c.Clip)];
    }

    private static bool IsUsable(CorpusClip clip) => clip is { MouthClip: not null, Refused: null };

    private static bool IsTraining(CorpusClip clip) => IsUsable(clip) && clip.Split == Split.Train;

    // A place in an order that depends on the seed and the name alone: neither on the other clips nor on the machine.
    private ulong Rank(string name) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Seed}\n{name}"))));
}
