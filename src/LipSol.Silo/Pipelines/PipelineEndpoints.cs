using LipSol.Client;
using LipSol.Contracts.Pipelines;
using LipSol.Grains;
using LipSol.Pipelines;
using LipSol.Silo.Http;
using PipelineHistory = LipSol.Client.PipelineHistory;

namespace LipSol.Silo.Pipelines;

/// <summary>Pipelines over HTTP.</summary>
internal static class PipelineEndpoints
{
    private const int MostEntries = 500;

    public static void MapPipelines(this IEndpointRouteBuilder api)
    {
        var pipelines = api.MapGroup("/pipelines").WithTags("Pipelines").Refuses(StatusCodes.Status404NotFound);
        pipelines.MapGet("", async (IGrainFactory grains) => (await grains.GetGrain<IPipelineRegistryGrain>(0).ListAsync()).Select(p => p.ToMessage()).ToArray()).WithSummary("All pipelines, by name.").NeedsRead();
        pipelines.MapPost("", RegisterAsync).WithSummary("Registers a pipeline's file, or the next definition of one that is there: runs that have begun keep theirs.")
            .WithDescription("The same text again changes nothing. 422 bad-pipeline: the detail has a line for everything that is wrong.").Refuses(StatusCodes.Status409Conflict).Refuses(StatusCodes.Status422UnprocessableEntity).NeedsAdmin();
        pipelines.MapGet("/{name}", async (string name, IGrainFactory grains) => (await GetAsync(grains, name)).ToMessage()).WithSummary("A pipeline: when it runs next, what runs, its steps drawn.").NeedsRead();
        pipelines.MapDelete("/{name}", async (string name, IGrainFactory grains) =>
            {
                await GetAsync(grains, name);
                await grains.GetGrain<IPipelineGrain>(name).DeleteAsync();
                return Results.NoContent();
            }).WithSummary("Takes a pipeline away. What its runs made stays.").Produces(StatusCodes.Status204NoContent).Refuses(StatusCodes.Status409Conflict).NeedsAdmin();
        pipelines.MapGet("/{name}/history", HistoryAsync).WithSummary("What happened, newest first: runs with what came out, and the times at which there was none, with the reason.").NeedsRead();
        pipelines.MapPost("/{name}/pause", (string name, IGrainFactory grains) => DoAsync(grains, name, p => p.PauseAsync())).WithSummary("The schedule begins no run until it's resumed. Repeatable.").NeedsAdmin();
        pipelines.MapPost("/{name}/resume", (string name, IGrainFactory grains) => DoAsync(grains, name, p => p.ResumeAsync(0))).WithSummary("The schedule of a paused pipeline holds again, from now on.").Refuses(StatusCodes.Status409Conflict).NeedsAdmin();
        pipelines.MapPost("/{name}/backfill", BackfillAsync).WithSummary("Begins a run for each time that the schedule had on these days, one after another. Answers with their numbers. The same requestId gives the same runs.").Refuses(StatusCodes.Status409Conflict).NeedsRun();
        pipelines.MapPost("/{name}/runs", StartAsync).WithSummary("Begins a run by hand. The same requestId gives the same run.").Produces<PipelineRun>(StatusCodes.Status201Created).Refuses(StatusCodes.Status409Conflict).NeedsRun();
        pipelines.MapGet("/{name}/runs/{number:int}", RunAsync).WithSummary("A run: its steps, why each was done or not, what it left, and its picture.").NeedsRead();
        pipelines.MapPost("/{name}/runs/{number:int}/cancel", (string name, int number, CancelPipelineRun? cancel, HttpContext context, IGrainFactory grains) =>
                DoAsync(grains, name, p => p.CancelAsync(number, cancel?.Reason is { Length: > 0 } reason ? reason : $"{Callers.NameOf(context)} cancelled it.")))
            .WithSummary("Cancels a run; 0: the one that is under way. A promotion that has begun is let end.").Refuses(StatusCodes.Status409Conflict).NeedsRun();
        pipelines.MapPost("/{name}/runs/{number:int}/resume", ResumeRunAsync).WithSummary("Goes on with a run that failed or was cancelled: what is done stays, the rest is done.").Refuses(StatusCodes.Status409Conflict).NeedsRun();
    }

    private static async Task<Pipeline> RegisterAsync(RegisterPipeline register, HttpContext context, IGrainFactory grains)
    {
        PipelineDefinition definition;
        try
        {
            definition = PipelineFile.Read(register.Definition ?? throw ApiException.BadRequest("definition is missing: it's the pipeline's file (YAML)."));
        }
        catch (PipelineFileException e)
        {
            throw ApiException.Unprocessable("bad-pipeline", e.Message);
        }
        return (await grains.GetGrain<IPipelineGrain>(definition.Name).RegisterAsync(register.Definition, Callers.NameOf(context))).ToMessage();
    }

    private static async Task<PipelineHistory> HistoryAsync(string name, IGrainFactory grains, int skip = 0, int take = 50)
    {
        Names.RequirePage(skip, take, MostEntries);
        var pipeline = await GetAsync(grains, name);
        return (await grains.GetGrain<IPipelineGrain>(name).GetHistoryAsync(skip, take)).ToMessage(pipeline);
    }

    private static async Task<int[]> BackfillAsync(string name, BackfillPipeline backfill, HttpContext context, IGrainFactory grains)
    {
        await GetAsync(grains, name);
        return [.. await grains.GetGrain<IPipelineGrain>(name).BackfillAsync(backfill.From, backfill.To, Callers.NameOf(context), backfill.RequestId ?? "")];
    }

    private static async Task<IResult> StartAsync(string name, StartPipeline? start, HttpContext context, IGrainFactory grains, [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time)
    {
        await GetAsync(grains, name);
        var number = await grains.GetGrain<IPipelineGrain>(name).StartAsync(start?.RequestId ?? Guid.NewGuid().ToString("N"), Callers.NameOf(context));
        return Results.Created(FormattableString.Invariant($"/api/v1/pipelines/{Uri.EscapeDataString(name)}/runs/{number}"), await RunAsync(name, number, grains, time));
    }

    private static async Task<PipelineRun> ResumeRunAsync(string name, int number, IGrainFactory grains, [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time)
    {
        await RunAsync(name, number, grains, time);
        await grains.GetGrain<IPipelineGrain>(name).ResumeAsync(number);
        return await RunAsync(name, number, grains, time);
    }

    private static async Task<PipelineRun> RunAsync(string name, int number, IGrainFactory grains, [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time)
    {
        var pipeline = await grains.GetGrain<IPipelineGrain>(name).GetAsync();
        if (await grains.GetGrain<IPipelineRunGrain>(FormattableString.Invariant($"{name}/{number}")).GetAsync() is { } run) return run.ToMessage(pipeline?.DefinitionVersion, time.GetUtcNow());
        if (pipeline?.Waiting.Contains(number) == true || pipeline?.Running == number) return PipelineMapping.NotBegun(pipeline, number);
        throw ApiException.NotFound(pipeline is null ? NoPipeline(name) : $"There is no run {number} of {name}. `lipsol pipeline history {name}` lists them.");
    }

    private static async Task<Pipeline> DoAsync(IGrainFactory grains, string name, Func<IPipelineGrain, Task> act)
    {
        await GetAsync(grains, name);
        await act(grains.GetGrain<IPipelineGrain>(name));
        return (await GetAsync(grains, name)).ToMessage();
    }

    private static async Task<PipelineRecord> GetAsync(IGrainFactory grains, string name) => await grains.GetGrain<IPipelineGrain>(name).GetAsync() ?? throw ApiException.NotFound(NoPipeline(name));

    private static string NoPipeline(string name) => $"There is no pipeline {name}. `lipsol pipeline list` names them all.";
}
