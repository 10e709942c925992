using LipSol.Grains.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Serving;

/// <summary>Has the node ask for routes when it starts and every few seconds: so it warms what was promoted before it joined, and hears of a promotion whose node died before telling.</summary>
internal sealed class ServingRefresh(IGrainFactory grains, ClusterNodes nodes, GrainsOptions options, [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time, ILogger<ServingRefresh> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(ServingRefresh), ServiceLifecycleStage.Active,
        _ =>
        {
            _loop = Task.Run(LoopAsync, CancellationToken.None);
            return Task.CompletedTask;
        },
        async _ =>
        {
            await _stopping.CancelAsync();
            await _loop;
        });

    public void Dispose() => _stopping.Dispose();

    private async Task LoopAsync()
    {
        using var timer = new PeriodicTimer(options.ServingRefreshPeriod, time);
        do
        {
            try
            {
                await ServingNodeGrain.Of(grains, nodes.Local).RefreshAsync().WaitAsync(_stopping.Token);
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                // The routes known stay good; whether the database or a node is away is for others to say.
                logger.LogDebug(e, "The routes of the models could not be asked for.");
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
        while (await NextAsync(timer));
    }

    private async Task<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
