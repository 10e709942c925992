using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Silo.Http;

namespace LipSol.Silo.Models;

/// <summary>The models, versions and runs that requests name.</summary>
internal static class ModelRequests
{
    /// <exception cref="ApiException">No such model.</exception>
    public static async Task<ModelRecord> GetAsync(IGrainFactory grains, string name) =>
        await grains.GetGrain<IModelGrain>(name).GetAsync() ?? throw ApiException.NotFound($"There is no model {name}. `lipsol models list` names them all.");

    /// <exception cref="ApiException">No such version.</exception>
    public static ModelVersion Version(ModelRecord model, int version) =>
        model.Versions.FirstOrDefault(v => v.Version == version)
        ?? throw ApiException.NotFound($"Model {model.Name} has no version {version}; it has {string.Join(", ", model.Versions.Select(v => v.Version))}.");

    /// <summary>The version named, or the one in production.</summary>
    /// <exception cref="ApiException">No such version, or none in production.</exception>
    public static ModelVersion VersionOrProduction(ModelRecord model, int? version) => Version(model, version ?? (model.Aliases.TryGetValue("production", out var production) ? production
        : throw ApiException.NotFound($"No version of {model.Name} is in production. Name a version, or promote one.")));

    /// <exception cref="ApiException">No such run.</exception>
    public static async Task RequireRunAsync(IGrainFactory grains, string runId) =>
        _ = await grains.GetGrain<IRunGrain>(runId).GetAsync() ?? throw ApiException.NotFound($"There is no run {runId}. `lipsol runs list` names them all.");
}
