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

    /// <summary>Back to the version that was in production before.</summary>
    /// <exception cref="LipSolRefusedException">There is none.</exception>
    public Task<PromotionDecision> RollbackAsync(string name, string reason = "rolled back on request", CancellationToken cancellationToken = default) =>
        connection.PostAsync<PromotionDecision>(Path(name) + "/rollback", new Rollback(reason), cancellationToken);

    /// <summary>Points an alias other than <c>production</c> at a version.</summary>
    public Task<Model> SetAliasAsync(string name, string alias, int version, CancellationToken cancellationToken = default) =>
        connection.PutAsync<Model>($"{Path(name)}/aliases/{Uri.EscapeDataString(alias)}", new AliasTarget(version), cancellationToken);

    /// <summary>Reads every test clip of a corpus with a version (the one in production where null) and measures it. Takes as long as reading them takes.</summary>
    /// <exception cref="LipSolNotFoundException">No such model, version or corpus.</exception>
    /// <exception cref="LipSolRefusedException">The model can't read this corpus.</exception>
    public Task<ModelEvaluation> EvaluateAsync(string name, string corpus, int? version = null, CancellationToken cancellationToken = default) =>
        connection.PostAsync<ModelEvaluation>(Path(name) + "/evaluations", new Evaluate(corpus, version), cancellationToken);

    private static string Path(string name) => $"api/v1/models/{Uri.EscapeDataString(name)}";
}
