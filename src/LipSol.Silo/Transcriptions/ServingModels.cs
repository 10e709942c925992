using LipSol.Contracts.Models;
using LipSol.Silo.Http;

namespace LipSol.Silo.Transcriptions;

/// <summary>Which model reads where the caller names one, or none.</summary>
internal static class ServingModels
{
    /// <exception cref="ApiException">There's no such model or version, nothing is in production, or it isn't clear which is meant.</exception>
    public static async Task<string> FindAsync(IGrainFactory grains, string? named, int? version)
    {
        if (named is not null)
        {
            Names.Require(named, "model");
            var model = await grains.GetGrain<IModelGrain>(named).GetAsync() ?? throw ApiException.NotFound($"There is no model {named}. `lipsol models list` names them all.");
            if (version is null && !model.Aliases.ContainsKey("production")) throw ApiException.NotFound($"No version of {named} is in production. Promote one, or name a version.");
            if (version is { } number && model.Versions.All(v => v.Version != number)) throw ApiException.NotFound($"Model {named} has no version {number}.");
            return named;
        }
        var serving = (await grains.GetGrain<IModelRegistryGrain>(0).ListAsync()).Where(m => m.Aliases.ContainsKey("production")).Select(m => m.Name).ToArray();
        return serving switch
        {
            [var only] => only,
            [] => throw new ApiException(StatusCodes.Status404NotFound, "no-model", "No model is in production yet. Train a run and promote its model, e.g. with `lipsol demo`."),
            _ => throw ApiException.BadRequest($"Several models are in production. Say which one to read with: model = {string.Join(" or ", serving)}."),
        };
    }
}
