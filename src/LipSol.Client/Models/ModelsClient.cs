namespace LipSol.Client;

/// <summary>Models, versions and promotion.</summary>
/// <example>
/// <code>
/// var decision = await client.Models.PromoteAsync("urdu-words", new Promote { RunId = run.Id, Threshold = 0.9 });
/// Console.WriteLine(decision.Promoted ? $"version {decision.Version} serves" : $"refused: {decision.Reason}");
/// </code>
/// </example>
public sealed class ModelsClient
{
    private readonly NodeConnection connection;

    internal ModelsClient(NodeConnection connection) => this.connection = connection;

    /// <summary>All models, by name.</summary>
    public Task<IReadOnlyList<Model>> ListAsync(CancellationToken cancellationToken = default) =>
        connection.GetAsync<IReadOnlyList<Model>>("api/v1/models", cancellationToken);

    /// <summary>A model with its versions, aliases and promotions.</summary>
    /// <exception cref="LipSolNotFoundException">No such model.</exception>
    public Task<Model> GetAsync(string name, CancellationToken cancellationToken = default) =>
        connection.GetAsync<Model>(Path(name), cancellationToken);

    /// <summary>Registers a completed run's model as the next version. The same run gives the same version.</summary>
    /// <exception cref="LipSolRefusedException">The run isn't completed.</exception>
    public Task<ModelVersion> RegisterAsync(string name, string runId, CancellationToken cancellationToken = default) =>
        connection.PostAsync<ModelVersion>(Path(name) + "/versions", new RegisterVersion(runId), cancellationToken);

    /// <summary>One version.</summary>
    /// <exception cref="LipSolNotFoundException">No such model or version.</exception>
    public Task<ModelVersion> GetVersionAsync(string name, int version, CancellationToken cancellationToken = default) =>
        connection.GetAsync<ModelVersion>($"{Path(name)}/versions/{version}", cancellationToken);

    /// <summary>Judges a run's model, or a version, by the gate, and puts it into production where it passes. A refusal by the gate is a normal answer: look at <see cref="PromotionDecision.Promoted"/>.</summary>
    /// <exception cref="LipSolNotFoundException">No such run or version.</exception>
    /// <exception cref="LipSolRefusedException">The run isn't completed, or the request isn't sound.</exception>
    public Task<PromotionDecision> PromoteAsync(string name, Promote promote, CancellationToken cancellationToken = default) =>
        connection.PostAsync<PromotionDecision>(Path(name) + "/promotions", promote, cancellationToken);

    /// <summary>Ends a canary or a shadow where one runs; else back to the version that was in production before.</summary>
    /// <exception cref="LipSolRefusedException">There is none.</exception>
    public Task<PromotionDecision> RollbackAsync(string name, string reason = "rolled back on request", CancellationToken cancellationToken = default) =>
        connection.PostAsync<PromotionDecision>(Path(name) + "/rollback", new Rollback(reason), cancellationToken);

    /// <summary>Has a version answer a share of the requests, in place of a trial that runs. Every node has loaded it when this returns; where one can't, <see cref="PromotionDecision.Promoted"/> is false and nothing changes.</summary>
    /// <exception cref="LipSolRefusedException">Nothing is in production, or it's this version.</exception>
    public Task<PromotionDecision> StartCanaryAsync(string name, StartCanary canary, CancellationToken cancellationToken = default) =>
        connection.PostAsync<PromotionDecision>(Path(name) + "/canary", canary, cancellationToken);

    /// <summary>Has a version read what production answers, in place of a trial that runs. No caller waits for it or hears of it.</summary>
    /// <exception cref="LipSolRefusedException">Nothing is in production, or it's this version.</exception>
    public Task<PromotionDecision> StartShadowAsync(string name, int version, CancellationToken cancellationToken = default) =>
        connection.PostAsync<PromotionDecision>(Path(name) + "/shadow", new StartShadow(version), cancellationToken);

    /// <summary>Ends a canary or a shadow: production answers everything. <see cref="PromoteAsync"/> and <see cref="RollbackAsync"/> end one too.</summary>
    /// <exception cref="LipSolRefusedException">There's none.</exception>
    public Task<PromotionDecision> StopTrialAsync(string name, string? reason = null, CancellationToken cancellationToken = default) =>
        connection.ReceiveAsync<PromotionDecision>(new HttpRequestMessage(HttpMethod.Delete, Path(name) + "/trial" + QueryText.Of(("reason", reason))), cancellationToken);

    /// <summary>What the version in production, and the one on trial, did with the requests since either changed.</summary>
    /// <exception cref="LipSolNotFoundException">No such model, or nothing of it is in production.</exception>
    public Task<ModelTraffic> GetTrafficAsync(string name, CancellationToken cancellationToken = default) =>
        connection.GetAsync<ModelTraffic>(Path(name) + "/traffic", cancellationToken);

    /// <summary>The audit trail, newest first: who did what to the model, when, on which evidence. Also of a model that was deleted.</summary>
    /// <exception cref="LipSolNotFoundException">There never was such a model.</exception>
    public Task<ModelHistory> GetHistoryAsync(string name, int skip = 0, int take = 100, CancellationToken cancellationToken = default) =>
        connection.GetAsync<ModelHistory>(Path(name) + "/history" + QueryText.Of(("skip", skip), ("take", take)), cancellationToken);

    /// <summary>Deletes a version that is neither in production nor on trial, or with null the model. Requests under way are answered; runs and artifacts stay.</summary>
    /// <exception cref="LipSolRefusedException">The version is in production or on trial.</exception>
    public async Task DeleteAsync(string name, int? version, CancellationToken cancellationToken = default)
    {
        using var _ = await connection.SendAsync(new HttpRequestMessage(HttpMethod.Delete, version is { } n ? $"{Path(name)}/versions/{n}" : Path(name)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Notes what has to be known of a version before it's used; stays with it for good. The same again changes nothing.</summary>
    /// <exception cref="LipSolNotFoundException">No such model or version.</exception>
    public Task<Model> MarkAsync(string name, int version, string text, CancellationToken cancellationToken = default) =>
        connection.PostAsync<Model>($"{Path(name)}/versions/{version}/marks", new MarkVersion(text), cancellationToken);

    /// <summary>Points an alias other than <c>production</c> at a version.</summary>
    public Task<Model> SetAliasAsync(string name, string alias, int version, CancellationToken cancellationToken = default) =>
        connection.PutAsync<Model>($"{Path(name)}/aliases/{Uri.EscapeDataString(alias)}", new AliasTarget(version), cancellationToken);

    /// <summary>Reads every test clip of a corpus with a version (the one in production where null) and measures it; with the decoder <see cref="Evaluate.AllDecoders"/>, each of its decoders. Takes as long as reading them takes.</summary>
    /// <exception cref="LipSolNotFoundException">No such model, version or corpus.</exception>
    /// <exception cref="LipSolRefusedException">The model can't read this corpus, or has no such decoder.</exception>
    public Task<ModelEvaluation> EvaluateAsync(string name, string corpus, int? version = null, string? decoder = null, CancellationToken cancellationToken = default) =>
        connection.PostAsync<ModelEvaluation>(Path(name) + "/evaluations", new Evaluate(corpus, version, decoder), cancellationToken);

    /// <summary>Reads every test clip of a corpus with two versions and compares them clip by clip (paired bootstrap). Takes as long as reading them takes.</summary>
    /// <exception cref="LipSolNotFoundException">No such model, version or corpus.</exception>
    /// <exception cref="LipSolRefusedException">One of them can't read this corpus, or they read different things (words, sentences).</exception>
    public Task<ModelComparison> CompareAsync(VersionName candidate, VersionName against, string corpus, string? decoder = null, CancellationToken cancellationToken = default) =>
        connection.PostAsync<ModelComparison>("api/v1/models/comparisons", new CompareVersions(corpus, candidate, against, decoder), cancellationToken);

    /// <summary>What a version looks at in a clip: a video file, or a mouth clip (a file that ends in <c>.npz</c>). Takes some seconds.</summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version; null for the one in production.</param>
    /// <param name="path">The clip.</param>
    /// <param name="options">Where the word is, where that is known.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="LipSolRefusedException">The clip can't be read.</exception>
    public async Task<Saliency> LookAsync(string name, int? version, string path, TranscriptionOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var file = TranscriptionsClient.Open(path);
        var request = TranscriptionsClient.Request($"{Path(name)}/saliency", file, System.IO.Path.GetFileName(path), (options ?? new TranscriptionOptions()) with { Model = null, Version = version }, null);
        return await connection.ReceiveAsync<Saliency>(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What a version looks at in a sample of a corpus.</summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version.</param>
    /// <param name="corpus">The corpus.</param>
    /// <param name="clipId">The clip, or <c>clip#n</c> for its n-th word.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="LipSolNotFoundException">No such model, version, corpus or clip.</exception>
    public Task<Saliency> LookAsync(string name, int version, string corpus, string clipId, CancellationToken cancellationToken = default) =>
        connection.GetAsync<Saliency>($"{Path(name)}/versions/{version}/saliency" + QueryText.Of(("corpus", corpus), ("clip", clipId)), cancellationToken);

    /// <summary>The version that a reference means.</summary>
    /// <exception cref="LipSolNotFoundException">No such model, version or alias.</exception>
    public async Task<ModelVersion> ResolveAsync(ModelReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var model = await GetAsync(reference.Model, cancellationToken).ConfigureAwait(false);
        var number = reference.Version ?? (model.Aliases.TryGetValue(reference.Alias!, out var version) ? version : throw new LipSolNotFoundException(reference.Alias == ModelReference.Production
            ? $"No version of {model.Name} is in production. Name one, e.g. {model.Name}@{model.Versions.Max(v => v.Version)}."
            : $"Model {model.Name} has no alias {reference.Alias}; it has {string.Join(", ", model.Aliases.Keys)}."));
        return model.Versions.FirstOrDefault(v => v.Version == number)
            ?? throw new LipSolNotFoundException($"Model {model.Name} has no version {number}; it has {string.Join(", ", model.Versions.Select(v => v.Version))}.");
    }

    /// <summary>The weights of the version that a reference means now: an alias may point elsewhere later, a version never changes.</summary>
    internal async Task<InitialWeights> SettleAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        var version = await ResolveAsync(reference, cancellationToken).ConfigureAwait(false);
        return InitialWeights.OfVersion(new ModelReference(version.Model, version.Version, null).ToString());
    }

    /// <summary>Writes a version as one portable file, which <see cref="ImportAsync"/> takes into another node. Equal versions are equal files, byte for byte.</summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="LipSolNotFoundException">No such model or version.</exception>
    public async Task ExportAsync(string name, int version, Stream destination, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        await connection.DownloadAsync($"{Path(name)}/versions/{version}/bundle", destination, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a bundle in as the next version of its model, or of <paramref name="name"/>. Every hash is checked and the network is run once before; nothing is promoted.</summary>
    /// <param name="bundle">The file.</param>
    /// <param name="name">The model; null for the bundle's own name.</param>
    /// <param name="progress">Told how much has been sent.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="LipSolRefusedException">It isn't taken in; <see cref="LipSolException.Reason"/> tells the kind (<c>not-a-bundle</c>, <c>damaged</c>, <c>newer-format</c>, <c>too-large</c>, <c>unsafe</c>, <c>contradictory</c>, <c>unusable-model</c>).</exception>
    public Task<ImportedModel> ImportAsync(Stream bundle, string? name = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        long? length = bundle.CanSeek ? bundle.Length - bundle.Position : null;
        var content = new StreamContent(new ObservedStream(bundle, length, progress));
        content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/zip");
        content.Headers.ContentLength = length;
        return connection.ReceiveAsync<ImportedModel>(new HttpRequestMessage(HttpMethod.Post, "api/v1/models/imports" + QueryText.Of(("name", name))) { Content = content }, cancellationToken);
    }

    /// <summary>Makes a version one object of the node's store, by whose hash another node takes it in from a remote. The same version is the same object.</summary>
    /// <exception cref="LipSolNotFoundException">No such model or version.</exception>
    public Task<ModelObject> StoreAsync(string name, int version, CancellationToken cancellationToken = default) =>
        connection.PostAsync<ModelObject>($"{Path(name)}/versions/{version}/object", null, cancellationToken);

    /// <summary>Takes an object that <see cref="StoreAsync"/> made in as the next version of its model, or of <paramref name="name"/>: from the node's store, or from its remote. It's checked as a bundle is; nothing is promoted.</summary>
    /// <exception cref="LipSolNotFoundException">It's neither in the store nor on the remote.</exception>
    /// <exception cref="LipSolRefusedException">It isn't taken in; as for <see cref="ImportAsync"/>.</exception>
    public Task<ImportedModel> TakeInAsync(string hash, string? name = null, CancellationToken cancellationToken = default) =>
        connection.PostAsync<ImportedModel>($"api/v1/models/imports/{Uri.EscapeDataString(hash)}" + QueryText.Of(("name", name)), null, cancellationToken);

    private static string Path(string name) => $"api/v1/models/{Uri.EscapeDataString(name)}";
}
