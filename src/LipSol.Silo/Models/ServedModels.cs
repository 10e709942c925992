using LipSol.Contracts.Models;
using LipSol.Contracts.Serving;
using LipSol.Grains.Nodes;
using LipSol.Grains.Serving;
using LipSol.Silo.Http;

namespace LipSol.Silo.Models;

/// <summary>
/// Which model a request to read means: by what this node was told, without asking another, as long as that says enough. Where it has to ask, it does so again within a bound while a node that died is being noticed:
/// looking something up changes nothing.
/// </summary>
internal sealed class ServedModels(IModelRoutes routes, IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>The model named, or the only one in production.</summary>
    /// <exception cref="ApiException">There's no such model or version, none is in production, or several are and none is named.</exception>
    public async Task<string> FindAsync(string? named, int? version)
    {
        if (named is not null)
        {
            Names.Require(named, "model");
            if (routes.Find(named) is { } route && Serves(route, version)) return named;
            var model = await AskAsync(() => grains.GetGrain<IModelGrain>(named).GetAsync()) ?? throw ApiException.NotFound($"There is no model {named}. `lipsol models list` names them all.");
            if (version is null && !model.Aliases.ContainsKey("production")) throw ApiException.NotFound($"No version of {named} is in production. Promote one, or name a version.");
            if (version is { } number && model.Versions.All(v => v.Version != number)) throw ApiException.NotFound($"Model {named} has no version {number}.");
            return named;
        }
        var serving = routes.InProduction;
        if (serving.Count == 0) serving = [.. (await AskAsync(() => grains.GetGrain<IModelRegistryGrain>(0).ListAsync())).Where(m => m.Aliases.ContainsKey("production")).Select(m => m.Name)];
        return serving switch
        {
            [var only] => only,
            [] => throw new ApiException(StatusCodes.Status404NotFound, "no-model", "No model is in production yet. Train a run and promote its model, e.g. with `lipsol demo`."),
            _ => throw ApiException.BadRequest($"Several models are in production. Say which one to read with: model = {string.Join(" or ", serving)}."),
        };
    }

    /// <summary>What has to be known of a version before its answers are used, in sentences.</summary>
    public async Task<IReadOnlyList<string>> NotesOnAsync(string model, int version)
    {
        try
        {
            var route = routes.Find(model) ?? await grains.GetGrain<IModelGrain>(model).GetRouteAsync();
            return route?.Marks.GetValueOrDefault(version) is { } marks ? [.. marks.Select(m => $"{model} version {version}: {m}")] : [];
        }
        catch (Exception e) when (ClusterErrors.IsPassing(e))
        {
            // What was read is worth more than the wait.
            return [$"{model} version {version}: whether it is marked can't be asked just now."];
        }
    }

    private static bool Serves(ModelRoute route, int? version) => version is { } n ? n >= 1 && n <= route.Versions && !route.Deleted.Contains(n) : route.Production is not null;

    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        for (var begun = time.GetTimestamp(); ;)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when (ClusterErrors.IsPassing(e) && time.GetElapsedTime(begun) < Patience)
            {
                await Task.Delay(Pause, time);
            }
        }
    }
}
