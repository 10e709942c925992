using LipSol.Client;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Searches;
using LipSol.Search;
using LipSol.Silo.Corpora;
using LipSol.Silo.Http;
using LipSol.Silo.Node;

namespace LipSol.Silo.Searches;

/// <summary>Searches over HTTP.</summary>
internal static class SearchEndpoints
{
    public static void MapSearches(this IEndpointRouteBuilder api)
    {
        var searches = api.MapGroup("/searches").WithTags("Searches").Refuses(StatusCodes.Status404NotFound);
        searches.MapGet("", async (IGrainFactory grains) => (await grains.GetGrain<ISearchRegistryGrain>(0).ListAsync()).Select(s => s.ToMessage()).ToArray())
            .WithSummary("All searches, newest first, without their trials.").NeedsRead();
        searches.MapPost("", StartAsync).WithSummary("Starts a search for the best parameters. The same definition again is the same search.").NeedsRun()
            .Produces<ParameterSearch>(StatusCodes.Status201Created).Refuses(StatusCodes.Status409Conflict);
        searches.MapGet("/{name}", async (string name, IGrainFactory grains) => (await GetAsync(grains, name)).ToMessage()).WithSummary("A search as it is now, with its trials.").NeedsRead();
        searches.MapGet("/{name}/analysis", async (string name, IGrainFactory grains) => await GetAsync(grains, name) is var record ? await Task.Run(() => SearchMapping.Analyse(record)) : null)
            .WithSummary("Parallel coordinates, and how much of the objective's variance follows from each parameter.").NeedsRead().Produces<SearchAnalysis>();
        searches.MapPost("/{name}/pause", (string name, EndSearch? end, IGrainFactory grains) => DoAsync(grains, name, s => s.PauseAsync(Reason(end, "paused on request"))))
            .WithSummary("No further trial begins; those that run go on. Repeatable.").NeedsRun().Refuses(StatusCodes.Status409Conflict);
        searches.MapPost("/{name}/resume", (string name, IGrainFactory grains) => DoAsync(grains, name, s => s.ResumeAsync()))
            .WithSummary("Goes on: a search that was paused, stopped, or gave up after failures. Repeatable.").NeedsRun().Refuses(StatusCodes.Status409Conflict);
        searches.MapPost("/{name}/trials", (string name, AddTrials add, IGrainFactory grains) => DoAsync(grains, name, s => s.AddTrialsAsync(add.Count, add.RequestId ?? "")))
            .WithSummary("So many more trials; a search that is completed goes on. The same requestId adds once.").NeedsRun().Refuses(StatusCodes.Status409Conflict);
        searches.MapPost("/{name}/stop", (string name, EndSearch? end, IGrainFactory grains) => DoAsync(grains, name, s => s.StopAsync(Reason(end, "stopped on request"))))
            .WithSummary("Ends a search and stops its trials. Repeatable.").NeedsRun();
    }

    private static async Task<IResult> StartAsync(StartSearch start, IGrainFactory grains, CorpusLibrary corpora)
    {
        SearchDefinition definition;
        try
        {
            definition = DefinitionReader.Read(start.Definition);
        }
        catch (SearchDefinitionException e)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "bad-definition", e.Message);
        }
        // A search that is there goes on with the data that it began with.
        var (dataHash, _) = corpora.Get(definition.Corpus);
        var network = definition.Network ?? ((ChoiceDomain)definition.Space["network"].Domain).Values[0];
        Names.Require(network, "network");
        var run = definition.Run;
        var template = new RunSpec
        {
            Experiment = definition.Name,
            Name = definition.Name,
            Network = network,
            Corpus = definition.Corpus,
            DataHash = dataHash,
            Parameters = new Dictionary<string, string>(definition.Fixed),
            Seed = run.Seed,
            Threads = run.Threads,
            CodeVersion = NodeVersion.Text,
            Priority = run.Priority,
            MaximumRestarts = run.Restarts,
            Needs = Needs(run),
            Keep = run.Keep is { } keep ? Read("keep", () => CheckpointRetention.Parse(keep)) : null,
        };
        var record = await grains.GetGrain<ISearchGrain>(definition.Name).StartAsync(new SearchRequest(start.Definition, template));
        return Results.Created($"/api/v1/searches/{definition.Name}", record.ToMessage());
    }

    private static Contracts.Runs.RunNeeds? Needs(TrialRun run) => !run.Gpu && run.Memory is null && run.Labels.Count == 0 ? null : new Contracts.Runs.RunNeeds
    {
        Gpus = run.Gpu ? 1 : 0,
        GpuMemory = run.GpuMemory is { } gpu ? Read("gpu_memory", () => MemorySize.Parse(gpu)) : 0,
        Memory = run.Memory is { } memory ? Read("memory", () => MemorySize.Parse(memory)) : 0,
        Labels = [.. run.Labels],
    };

    private static T Read<T>(string key, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception e) when (e is FormatException or RefusedException)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "bad-definition", $"{key} under `run`: {e.Message}");
        }
    }

    private static string Reason(EndSearch? end, string otherwise)
    {
        if (end?.Reason is not { } reason) return otherwise;
        Names.RequireText(reason, "reason");
        return reason;
    }

    private static async Task<ParameterSearch> DoAsync(IGrainFactory grains, string name, Func<ISearchGrain, Task<SearchRecord>> act)
    {
        await GetAsync(grains, name);
        return (await act(grains.GetGrain<ISearchGrain>(name))).ToMessage();
    }

    private static async Task<SearchRecord> GetAsync(IGrainFactory grains, string name) =>
        await grains.GetGrain<ISearchGrain>(name).GetAsync() ?? throw ApiException.NotFound($"There is no search {name}. `lipsol sweep list` names them all.");
}
