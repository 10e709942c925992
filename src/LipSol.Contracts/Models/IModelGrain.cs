using LipSol.Contracts.Runs;
using Orleans.Concurrency;

namespace LipSol.Contracts.Models;

/// <summary>A registered model: its versions, aliases and promotions. Key: the model's name.</summary>
[Alias("lipsol.IModelGrain")]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>Registers a completed run's model as the next version. The same run gives the same version.</summary>
    /// <exception cref="RefusedException">The run isn't completed.</exception>
    [Alias("Register"), ResponseTimeout("01:00:00")] Task<ModelVersion> RegisterAsync(string runId);
    /// <summary>Registers a version that another node trained, as the next one. The same model folder gives the same version. Nothing is promoted.</summary>
    [Alias("Import"), ResponseTimeout("01:00:00")] Task<ModelVersion> ImportAsync(ModelImport import);
    /// <summary>The model; null where it has no version.</summary>
    [Alias("Get"), AlwaysInterleave] Task<ModelRecord?> GetAsync();
    /// <summary>
    /// Judges a version by the gate against the version in production on the same test data; where it passes, warms every replica, persists the pointer and flips it, and ends a trial.
    /// A refusal is a normal answer, with its figures; the version keeps the alias <c>candidate</c>. Where a node can't load the version, the one before stays; a node that dies or doesn't answer in time holds nothing up.
    /// Asked for again under the same <see cref="PromotionRequest.Key"/>, whatever died in between, it's the same one promotion.
    /// </summary>
    /// <exception cref="RefusedException">It can't be judged as asked for: no such version, a policy that makes no sense, test results that are missing, a key that is another version's. Nothing was decided, and the audit trail says nothing of it.</exception>
    [Alias("Promote"), ResponseTimeout("01:00:00")] Task<PromotionDecision> PromoteAsync(PromotionRequest request);
    /// <summary>Ends a trial where there's one; else back to the version that was in production before.</summary>
    [Alias("Rollback"), ResponseTimeout("01:00:00")] Task<PromotionDecision> RollbackAsync(string reason, string by = "");
    /// <summary>Points an alias other than <c>production</c> at a version.</summary>
    [Alias("SetAlias"), ResponseTimeout("01:00:00")] Task SetAliasAsync(string alias, int version, string by = "");
    /// <summary>Notes what has to be known of a version before it's used; stays with it for good, and its answers tell it. The same again changes nothing.</summary>
    /// <exception cref="RefusedException">There's no such version, or nothing is said.</exception>
    [Alias("Mark"), ResponseTimeout("01:00:00")] Task MarkAsync(int version, string mark);
    /// <summary>Writes down that a version was made an object of the store under this hash: whoever was told it keeps finding it. Repeatable.</summary>
    /// <exception cref="RefusedException">There's no such version.</exception>
    [Alias("KeepObject"), ResponseTimeout("01:00:00")] Task KeepObjectAsync(int version, string hash);
    /// <summary>Tries a version beside the one in production, in place of a trial that is under way. It's loaded on every node first; where one can't load it, no trial begins and the decision says so.</summary>
    /// <exception cref="RefusedException">Nothing is in production, or it's this version; there's no such version; the share isn't one.</exception>
    [Alias("StartTrial"), ResponseTimeout("01:00:00")] Task<PromotionDecision> StartTrialAsync(TrialRequest request, string by = "");
    /// <summary>Ends the trial: production answers everything.</summary>
    /// <exception cref="RefusedException">There's none.</exception>
    [Alias("StopTrial"), ResponseTimeout("01:00:00")] Task<PromotionDecision> StopTrialAsync(string reason, string by = "");
    /// <summary>Deletes a version, or with 0 the model: no request is sent there any more, those under way are answered. Versions keep their numbers, runs and artifacts stay.</summary>
    /// <exception cref="RefusedException">The version is in production or on trial.</exception>
    [Alias("Delete"), ResponseTimeout("01:00:00")] Task DeleteAsync(int version, string by = "");
    /// <summary>Where requests go; null where the model has no version.</summary>
    [Alias("GetRoute"), AlwaysInterleave] Task<Serving.ModelRoute?> GetRouteAsync();
    /// <summary>What the versions in production and on trial did with the requests since then, gathered from all nodes; null where nothing is in production.</summary>
    [Alias("GetTraffic"), AlwaysInterleave] Task<ModelTraffic?> GetTrafficAsync();
    /// <summary>The audit trail, newest first: who did what, when, on which evidence. Nothing is ever taken out of it.</summary>
    [Alias("GetHistory"), AlwaysInterleave] Task<ModelHistory> GetHistoryAsync(int skip, int take);
}

/// <summary>One version of a model: immutable facts. Key: <c>name/version</c>.</summary>
[Alias("lipsol.IModelVersionGrain")]
public interface IModelVersionGrain : IGrainWithStringKey
{
    /// <summary>The version; null where it doesn't exist.</summary>
    [Alias("Get")] Task<ModelVersion?> GetAsync();
    /// <summary>Written once by the model grain.</summary>
    [Alias("Create")] Task CreateAsync(ModelVersion version);
}

/// <summary>The names of all models. Key: 0.</summary>
[Alias("lipsol.IModelRegistryGrain")]
public interface IModelRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>All models.</summary>
    [Alias("List")] Task<List<ModelRecord>> ListAsync();
    /// <summary>Adds a name; repeatable.</summary>
    [Alias("Add")] Task AddAsync(string name);
    /// <summary>Where the requests of each model go.</summary>
    [Alias("GetRoutes"), AlwaysInterleave] Task<List<Serving.ModelRoute>> GetRoutesAsync();
}

/// <summary>A model with its versions and aliases.</summary>
[GenerateSerializer, Alias("lipsol.ModelRecord"), Immutable]
public sealed record ModelRecord([property: Id(0)] string Name, [property: Id(1)] List<ModelVersion> Versions,
    [property: Id(2)] Dictionary<string, int> Aliases, [property: Id(3)] List<PromotionDecision> Promotions)
{
    /// <summary>The version that is tried beside the one in production.</summary>
    [Id(4)] public ModelTrial? Trial { get; init; }
    /// <summary>What has to be known of versions before they are used, by version.</summary>
    [Id(5)] public Dictionary<int, List<string>> Marks { get; init; } = [];
    /// <summary>The hashes under which versions were made objects of the store, by version, oldest first.</summary>
    [Id(6)] public Dictionary<int, List<string>> Objects { get; init; } = [];
}

/// <summary>A model version.</summary>
[GenerateSerializer, Alias("lipsol.ModelVersion"), Immutable]
public sealed record ModelVersion
{
    /// <summary>The model's name.</summary>
    [Id(0)] public required string Model { get; init; }
    /// <summary>1, 2, 3, …</summary>
    [Id(1)] public required int Version { get; init; }
    /// <summary>The run that made it.</summary>
    [Id(2)] public required string RunId { get; init; }
    /// <summary>MD5 of the corpus manifest it was trained and measured on.</summary>
    [Id(3)] public required string DataHash { get; init; }
    /// <summary>What the run left: model folder, evaluation, figures.</summary>
    [Id(4)] public required RunOutcome Outcome { get; init; }
    /// <summary>When it was registered.</summary>
    [Id(5)] public DateTimeOffset CreatedAt { get; init; }
    /// <summary>Where it was trained, if not on this cluster.</summary>
    [Id(6)] public ModelOrigin? Origin { get; init; }
}

/// <summary>Where an imported version comes from.</summary>
[GenerateSerializer, Alias("lipsol.ModelOrigin"), Immutable]
public sealed record ModelOrigin
{
    /// <summary>The model's name there.</summary>
    [Id(0)] public required string Model { get; init; }
    /// <summary>Its version there.</summary>
    [Id(1)] public required int Version { get; init; }
    /// <summary>When it was registered there.</summary>
    [Id(2)] public required DateTimeOffset Registered { get; init; }
    /// <summary>Version of LipSol that trained it.</summary>
    [Id(3)] public required string CodeVersion { get; init; }
    /// <summary>The run's seed, where it was known.</summary>
    [Id(4)] public long? Seed { get; init; }
    /// <summary>SHA-256 of the bundle it came in.</summary>
    [Id(5)] public required string Bundle { get; init; }
}

/// <summary>A version from another node, checked, with its artifacts in the store.</summary>
[GenerateSerializer, Alias("lipsol.ModelImport"), Immutable]
public sealed record ModelImport
{
    /// <summary>The run that trained it, on the node it comes from.</summary>
    [Id(0)] public required string RunId { get; init; }
    /// <summary>MD5 of the corpus manifest it was trained and measured on.</summary>
    [Id(1)] public required string DataHash { get; init; }
    /// <summary>Model folder, evaluation, figures.</summary>
    [Id(2)] public required RunOutcome Outcome { get; init; }
    /// <summary>Where it comes from.</summary>
    [Id(3)] public required ModelOrigin Origin { get; init; }
}

/// <summary>One entry of the audit trail: a promotion, a refusal, a rollback, a trial, an alias, with its evidence.</summary>
[GenerateSerializer, Alias("lipsol.PromotionDecision"), Immutable]
public sealed record PromotionDecision
{
    /// <summary>The model.</summary>
    [Id(0)] public required string Model { get; init; }
    /// <summary>The version judged.</summary>
    [Id(1)] public required int Version { get; init; }
    /// <summary>Whether what was asked for came about: it is now in production; of a trial: it began, or ended.</summary>
    [Id(2)] public required bool Promoted { get; init; }
    /// <summary>Why, in words.</summary>
    [Id(3)] public required string Reason { get; init; }
    /// <summary>The policy applied; null for a rollback.</summary>
    [Id(4)] public GatePolicy? Policy { get; init; }
    /// <summary>The version's figure; where another was in production, on the clips that both are compared on.</summary>
    [Id(5)] public Estimate? Candidate { get; init; }
    /// <summary>The figure of the version that was in production, on the same data; null where there was none.</summary>
    [Id(6)] public Estimate? Production { get; init; }
    /// <summary>Share of paired bootstrap resamples in which the candidate is better; null where there was none in production.</summary>
    [Id(7)] public double? ProbabilityBetter { get; init; }
    /// <summary>The version that was in production before.</summary>
    [Id(8)] public int? PreviousVersion { get; init; }
    /// <summary>When.</summary>
    [Id(9)] public DateTimeOffset Time { get; init; }
    /// <summary>What was done, or asked for.</summary>
    [Id(10)] public DecisionKind Kind { get; init; }
    /// <summary>Who asked for it, by the name of the token; empty where it wasn't said.</summary>
    [Id(11)] public string By { get; init; } = "";
    /// <summary>What the trial that ended by this had counted.</summary>
    [Id(12)] public TrafficFigures? Traffic { get; init; }
    /// <summary>Nodes that had the version in memory when it was decided.</summary>
    [Id(13)] public List<string> Nodes { get; init; } = [];
    /// <summary>The trial that began or ended by this.</summary>
    [Id(14)] public ModelTrial? Trial { get; init; }
    /// <summary>Under which key it was asked for; empty where under none.</summary>
    [Id(15)] public string Key { get; init; } = "";
    /// <summary>What whoever asked for it said about why.</summary>
    [Id(16)] public string Note { get; init; } = "";
    /// <summary>What the gate found; null where it wasn't asked.</summary>
    [Id(17)] public GateEvidence? Evidence { get; init; }
}
