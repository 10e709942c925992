using System.Text.Json;
using System.Text.Json.Serialization;

namespace LipSol.Client;

/// <summary>How the messages of the HTTP API are written: camelCase, enums as names, nulls left out.</summary>
public static class LipSolJson
{
    /// <summary>The one set of options for client and server.</summary>
    public static JsonSerializerOptions Options { get; } = Apply(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    /// <summary>Applies LipSol's settings to <paramref name="options"/>.</summary>
    public static JsonSerializerOptions Apply(JsonSerializerOptions options)
    {
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals;
        options.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        return options;
    }
}

/// <summary>The node that answers.</summary>
public sealed record NodeStatus(string Name, string Version, DateTimeOffset StartedAt, IReadOnlyList<SlotStatus> Slots, IReadOnlyList<QueuedRunStatus> Queue)
{
    /// <summary>The remote that it gets artifacts from which its store hasn't: a name of its settings, a folder, or an address; never a secret. Null: none.</summary>
    public string? Remote { get; init; }
}

/// <summary>A slot and the run that holds it.</summary>
public sealed record SlotStatus(string Node, int Index, string Device, int Threads, string? RunId);

/// <summary>A run that waits and why.</summary>
public sealed record QueuedRunStatus(string RunId, int Priority, string Waits);

/// <summary>A corpus in brief.</summary>
public sealed record CorpusSummary
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary><c>recorded</c> or <c>synthetic</c>.</summary>
    public required string Kind { get; init; }
    /// <summary>BCP 47 tag of the transcripts.</summary>
    public required string Language { get; init; }
    /// <summary>MD5 of the manifest: the data hash.</summary>
    public required string DataHash { get; init; }
    /// <summary>Number of clips, refused ones included.</summary>
    public required int Clips { get; init; }
    /// <summary>Number of clips refused.</summary>
    public required int Refused { get; init; }
    /// <summary>Share of all frames of usable clips that were tracked.</summary>
    public required double FramesTracked { get; init; }
    /// <summary>Attribution and licence.</summary>
    public string? Attribution { get; init; }
    /// <summary>The data hashes of all versions that its name pointed at, oldest first, the present one last.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];
}

/// <summary>A corpus with its statistics.</summary>
public sealed record CorpusDetails
{
    /// <summary>The corpus in brief.</summary>
    public required CorpusSummary Summary { get; init; }
    /// <summary>Clips by split.</summary>
    public required IReadOnlyDictionary<string, int> Splits { get; init; }
    /// <summary>Clips by speaker.</summary>
    public required IReadOnlyList<SpeakerStatistics> Speakers { get; init; }
    /// <summary>Occurrences of each word.</summary>
    public required IReadOnlyDictionary<string, int> Words { get; init; }
    /// <summary>Words that look alike on the lips, grouped.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Homophenes { get; init; }
    /// <summary>Reasons of refusal with the clips.</summary>
    public required IReadOnlyList<RefusedClip> RefusedClips { get; init; }
}

/// <summary>A speaker's clips; seen means in <c>train</c>.</summary>
public sealed record SpeakerStatistics(string Speaker, bool Seen, int Train, int Val, int Test);

/// <summary>A refused clip and why.</summary>
public sealed record RefusedClip(string Id, string Reason);

/// <summary>A clip of a corpus.</summary>
public sealed record ClipEntry
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }
    /// <summary>The speaker.</summary>
    public required string Speaker { get; init; }
    /// <summary>Whether the speaker is in <c>train</c>.</summary>
    public required bool Seen { get; init; }
    /// <summary><c>train</c>, <c>val</c> or <c>test</c>.</summary>
    public required string Split { get; init; }
    /// <summary>The transcript.</summary>
    public required string Text { get; init; }
    /// <summary>The words with their times, where known.</summary>
    public IReadOnlyList<ClipWord> Words { get; init; } = [];
    /// <summary>Frames of its mouth clip.</summary>
    public required int Frames { get; init; }
    /// <summary>Share of frames tracked.</summary>
    public required double FramesTracked { get; init; }
    /// <summary>Why it can't be used.</summary>
    public string? Refused { get; init; }
}

/// <summary>A word inside a clip; seconds from the clip's start.</summary>
public sealed record ClipWord(string Word, double Start, double End);

/// <summary>What to run.</summary>
public sealed record StartRun
{
    /// <summary>The experiment; created when new.</summary>
    public string Experiment { get; init; } = "default";
    /// <summary>A name for people; made up where null.</summary>
    public string? Name { get; init; }
    /// <summary>The network, e.g. <c>word-tcn</c>.</summary>
    public required string Network { get; init; }
    /// <summary>The corpus, by name.</summary>
    public required string Corpus { get; init; }
    /// <summary>Parameters that differ from the network's defaults.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();
    /// <summary>The weights that the network's encoder starts from; null: random ones.</summary>
    public InitialWeights? InitFrom { get; init; }
    /// <summary>The seed.</summary>
    public long Seed { get; init; } = 1;
    /// <summary>Threads; 0 = the slot's.</summary>
    public int Threads { get; init; }
    /// <summary>Higher runs first.</summary>
    public int Priority { get; init; }
    /// <summary>What it needs of a slot and its node; null: any slot will do.</summary>
    public RunNeeds? Needs { get; init; }
    /// <summary>How often the run is started again after its worker or its node crashed, before it counts as failed. A node that is drained or shut down costs none.</summary>
    public int MaximumRestarts { get; init; } = 3;
    /// <summary>Which of its checkpoints the run keeps: <c>last</c>, <c>best</c> (on <c>val</c>) and <c>every N</c>, separated by commas, or <c>all</c>; null: <c>last,best</c>.</summary>
    public string? KeepCheckpoints { get; init; }
    /// <summary>Tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
    /// <summary>The same request id gives the same run: a repeated request starts nothing twice.</summary>
    public string? RequestId { get; init; }
    /// <summary>Hash of the artifact that says which notebook starts the run. In a notebook that LipSol's kernel runs, <see cref="RunsClient.StartAsync"/> sees to it.</summary>
    public string? Notebook { get; init; }
}

/// <summary>Where a run is in its life.</summary>
public enum RunStatus
{
    /// <summary>Waits for a slot.</summary>
    Queued,
    /// <summary>A worker trains it.</summary>
    Running,
    /// <summary>Its worker or node went away; can be resumed.</summary>
    Interrupted,
    /// <summary>Stopped on request.</summary>
    Stopped,
    /// <summary>Ended with an error.</summary>
    Failed,
    /// <summary>Done.</summary>
    Completed,
}

/// <summary>A run.</summary>
public sealed record Run
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }
    /// <summary>Its experiment.</summary>
    public required string Experiment { get; init; }
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary>The network.</summary>
    public required string Network { get; init; }
    /// <summary>The corpus.</summary>
    public required string Corpus { get; init; }
    /// <summary>MD5 of the corpus manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>Version of LipSol that made the run.</summary>
    public string? CodeVersion { get; init; }
    /// <summary>All parameters.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }
    /// <summary>Hash of the source, an artifact, where a person wrote the network; null where it's one of LipSol's.</summary>
    public string? NetworkSource { get; init; }
    /// <summary>The weights that the network's encoder started from, with what is known of the data behind them; null: random ones.</summary>
    public InitialWeights? InitFrom { get; init; }
    /// <summary>The seed.</summary>
    public required long Seed { get; init; }
    /// <summary>Threads of its workers; 0: the share of the slot that it got first, in each attempt.</summary>
    public int Threads { get; init; }
    /// <summary>What it needs of a slot and its node; null: any slot will do.</summary>
    public RunNeeds? Needs { get; init; }
    /// <summary>Where it is.</summary>
    public required RunStatus Status { get; init; }
    /// <summary>Why it was stopped, interrupted or queued again, or failed.</summary>
    public string? Reason { get; init; }
    /// <summary>What a queued run waits for; null in lists, and for every other run.</summary>
    public string? Waits { get; init; }
    /// <summary>Each hold that it had on a slot, oldest first.</summary>
    public IReadOnlyList<RunAttempt> Attempts { get; init; } = [];
    /// <summary>It failed since what was asked for can't be done as it stands: a parameter or network that doesn't exist, a corpus that can't be trained on.</summary>
    public bool BadInput { get; init; }
    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When it began.</summary>
    public DateTimeOffset? StartedAt { get; init; }
    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>When it was deleted; null where it isn't. A deleted run is hidden until it's restored or purged.</summary>
    public DateTimeOffset? DeletedAt { get; init; }
    /// <summary>The node.</summary>
    public string? Node { get; init; }
    /// <summary>What the worker does now, e.g. <c>training</c>.</summary>
    public string? Phase { get; init; }
    /// <summary>How far it is, 0 to 1.</summary>
    public double Progress { get; init; }
    /// <summary>Metrics in brief, by name.</summary>
    public required IReadOnlyDictionary<string, MetricSummary> Metrics { get; init; }
    /// <summary>Figures over the test split with their 95 % intervals. In lists without those by speaker.</summary>
    public IReadOnlyDictionary<string, Estimate> Figures { get; init; } = new Dictionary<string, Estimate>();
    /// <summary>Largest logit difference torch against ONNX on real mouth clips.</summary>
    public double? OnnxMaxAbsDifference { get; init; }
    /// <summary>What it's made of, as objects of versioned data: the corpus version, its mouth clips, the weights it starts from. In lists none.</summary>
    public IReadOnlyList<RunInput> Inputs { get; init; } = [];
    /// <summary>Artifacts by name (hashes).</summary>
    public IReadOnlyDictionary<string, string> Artifacts { get; init; } = new Dictionary<string, string>();
    /// <summary>Which of its checkpoints it keeps, as in <see cref="StartRun.KeepCheckpoints"/>.</summary>
    public string KeepCheckpoints { get; init; } = "";
    /// <summary>The checkpoints that are kept, oldest first; the run goes on from the last. In lists only that one.</summary>
    public IReadOnlyList<RunCheckpoint> Checkpoints { get; init; } = [];
    /// <summary>Tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <summary>Something that a run is made of.</summary>
/// <param name="Name"><c>corpus.json</c>, <c>mouth-clips</c>, <c>init-weights</c>, <c>init-map.json</c>.</param>
/// <param name="Hash">Its hash: a file's MD5, or a folder's, which ends with <c>.dir</c>.</param>
public sealed record RunInput(string Name, string Hash);

/// <summary>A checkpoint of a run.</summary>
/// <param name="Artifact">Its hash.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Epochs done, with the share of the one under way.</param>
/// <param name="Time">When it was written.</param>
/// <param name="Score">How well its weights read <c>val</c>: larger is better; null where that wasn't measured.</param>
public sealed record RunCheckpoint(string Artifact, long Step, double Epoch, DateTimeOffset Time, double? Score);

/// <summary>A metric in brief.</summary>
public sealed record MetricSummary(double Last, long LastStep, double Minimum, double Maximum);

/// <summary>A figure with its 95 % bootstrap interval and sample count.</summary>
public sealed record Estimate(double Value, double Low, double High, int Count);

/// <summary>One value of a metric.</summary>
public sealed record MetricPoint(string Name, long Step, double Value, DateTimeOffset Time);

/// <summary>Something that happened to a run.</summary>
public sealed record RunEvent(long Cursor, RunStatus Status, string? Reason, IReadOnlyList<MetricPoint> Points, string? Phase, double Progress);

/// <summary>A model.</summary>
public sealed record Model(string Name, IReadOnlyList<ModelVersion> Versions, IReadOnlyDictionary<string, int> Aliases, IReadOnlyList<PromotionDecision> Promotions)
{
    /// <summary>The version that is tried beside the one in production; null where none is.</summary>
    public ModelTrial? Trial { get; init; }
    /// <summary>What has to be known of versions before they are used, by version: that someone who was in their training data has left.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<string>> Marks { get; init; } = new Dictionary<int, IReadOnlyList<string>>();
}

/// <summary>A model version.</summary>
public sealed record ModelVersion(string Model, int Version, string RunId, string DataHash, DateTimeOffset CreatedAt, IReadOnlyDictionary<string, Estimate> Figures, double OnnxMaxAbsDifference)
{
    /// <summary>Hash of its model folder: <c>model.onnx</c>, <c>model.json</c>.</summary>
    public string? Artifact { get; init; }
    /// <summary>Hash of its readings of the test split.</summary>
    public string? Evaluation { get; init; }
    /// <summary>Where it was trained, if not on this cluster: it was imported from a bundle.</summary>
    public ModelOrigin? Origin { get; init; }
    /// <summary>The hashes under which it was made an object of the store, oldest first: what <c>data push --model</c> told. Only where all of the model is told.</summary>
    public IReadOnlyList<string> Objects { get; init; } = [];
}

/// <summary>Registers a run's model and asks the gate.</summary>
public sealed record Promote
{
    /// <summary>The run whose model to register; or <see cref="Version"/>.</summary>
    public string? RunId { get; init; }
    /// <summary>A version already registered; or <see cref="RunId"/>.</summary>
    public int? Version { get; init; }
    /// <summary>The figure by which it's compared with the version in production: <c>word_accuracy</c>, <c>sentence_accuracy</c>, <c>wer</c>, <c>cer</c> or <c>ger</c>, alone or with <c>.seen</c>, <c>.unseen</c>, <c>.speaker:NAME</c>.</summary>
    public string Metric { get; init; } = "word_accuracy";
    /// <summary>What that figure must reach; null: 0.8, or nothing where <see cref="Thresholds"/> says what others must.</summary>
    public double? Threshold { get; init; }
    /// <summary>Further figures that must reach something: at least where higher is better, at most where lower is. By metric, e.g. <c>wer.unseen</c>.</summary>
    public IReadOnlyDictionary<string, double>? Thresholds { get; init; }
    /// <summary>Confidence that it beats the version in production.</summary>
    public double Confidence { get; init; } = 0.95;
    /// <summary>Names this one promotion: asked for again under the same key (after a connection broke, say), it's the same promotion and the same answer. At most 200 characters.</summary>
    public string? Key { get; init; }
    /// <summary>Why, for the audit trail.</summary>
    public string? Note { get; init; }
}

/// <summary>The gate's answer with its evidence; also any other entry of a model's <see cref="ModelHistory"/>.</summary>
public sealed record PromotionDecision(string Model, int Version, bool Promoted, string Reason, string Metric, double? Threshold, double? Confidence,
    Estimate? Candidate, Estimate? Production, double? ProbabilityBetter, int? PreviousVersion, DateTimeOffset Time)
{
    /// <summary>What was done: <c>promote</c>, <c>refuse</c>, <c>rollback</c>, <c>canary</c>, <c>shadow</c>, <c>stop</c>, <c>alias</c>, <c>delete</c>. Of all but the first two, <see cref="Promoted"/> says whether it came about.</summary>
    public string Kind { get; init; } = "promote";
    /// <summary>Who asked for it: the name of the token.</summary>
    public string? By { get; init; }
    /// <summary>What the trial that ran then had counted.</summary>
    public TrafficFigures? Traffic { get; init; }
    /// <summary>Nodes that had the version in memory when it was decided.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];
    /// <summary>The trial that ran then, or began by this.</summary>
    public ModelTrial? Trial { get; init; }
    /// <summary>The key that it was asked for under.</summary>
    public string? Key { get; init; }
    /// <summary>What whoever asked for it said about why.</summary>
    public string? Note { get; init; }
    /// <summary>What the gate found: every threshold, the comparison with production, and on which data; null where it wasn't asked.</summary>
    public GateEvidence? Evidence { get; init; }
}

/// <summary>What was read from a clip.</summary>
public sealed record Transcription
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }
    /// <summary>The text.</summary>
    public required string Text { get; init; }
    /// <summary>Confidence, 0 to 1, calibrated.</summary>
    public required double Confidence { get; init; }
    /// <summary>Words with times (seconds).</summary>
    public required IReadOnlyList<TranscribedWord> Words { get; init; }
    /// <summary>Alternatives, best first.</summary>
    public required IReadOnlyList<TranscriptionAlternative> Alternatives { get; init; }
    /// <summary>Words that look the same on the lips.</summary>
    public required IReadOnlyList<string> LookAlike { get; init; }
    /// <summary>What read a sentence: <c>greedy</c>, <c>beam</c>, <c>lexicon</c>, <c>grammar</c>; null for a word.</summary>
    public string? Decoder { get; init; }
    /// <summary>What is worth knowing about the answer, in sentences: that the clip was read in windows, several faces and whose mouth was read, a face lost for a moment, how the model version is marked (someone in its data withdrew, say). Often none.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
    /// <summary>Until when this answer can be fetched by its id; null where it isn't kept.</summary>
    public DateTimeOffset? KeptUntil { get; init; }
    /// <summary>MD5 of the mouth clip in the artifact store, where the caller asked to keep it; null otherwise: nothing of the video is kept.</summary>
    public string? MouthClip { get; init; }
    /// <summary>What stands behind the answer.</summary>
    public required Provenance Provenance { get; init; }
}

/// <summary>A word read.</summary>
public sealed record TranscribedWord(string Word, double Start, double End, double Confidence);

/// <summary>An alternative reading.</summary>
public sealed record TranscriptionAlternative(string Text, double Confidence)
{
    /// <summary>Of a sentence: its log probability, with what language model and letter bonus add; null for a word.</summary>
    public double? Score { get; init; }
}

/// <summary>What stands behind an answer.</summary>
public sealed record Provenance
{
    /// <summary>The model.</summary>
    public required string Model { get; init; }
    /// <summary>Its version.</summary>
    public required int Version { get; init; }
    /// <summary>The run that trained it.</summary>
    public required string RunId { get; init; }
    /// <summary>MD5 of the corpus manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>Version of LipSol that answered.</summary>
    public string? CodeVersion { get; init; }
    /// <summary>Whether it was trained on drawn speakers only.</summary>
    public required bool Synthetic { get; init; }
    /// <summary>The device.</summary>
    public required string Device { get; init; }
    /// <summary>The node.</summary>
    public required string Node { get; init; }
    /// <summary>Frames read.</summary>
    public required int Frames { get; init; }
    /// <summary>Share of frames tracked.</summary>
    public required double FramesTracked { get; init; }
    /// <summary>What read a sentence; null for a word.</summary>
    public string? Decoder { get; init; }
    /// <summary>What the text follows from beside the network: <c>temperature</c> and, of a sentence, the decoder's <c>beamWidth</c>, <c>languageModelWeight</c>, <c>letterBonus</c>, <c>nBest</c>.</summary>
    public IReadOnlyDictionary<string, double> DecodingSettings { get; init; } = new Dictionary<string, double>();
    /// <summary>Milliseconds by stage: receive, decode, track, crop, queue (waiting for a free process and for the network, and the way there), network, decoding, total, which is their sum.</summary>
    public required IReadOnlyDictionary<string, double> Milliseconds { get; init; }
}
