using LipSol.Contracts.Serving;
using LipSol.Grains.Serving.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Serving.Traffic;

/// <summary>
/// Has a second version read what was answered already. No caller waits for it or hears of it: it begins once the answer is there, few are under way at once, and what comes while they are is dropped and counted.
/// </summary>
internal sealed class Shadows(IServiceProvider services, GrainsOptions options, TimeProvider time, [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider clock, ILogger<Shadows> logger)
{
    private int _underWay;

    /// <summary>Begins a reading by <paramref name="version"/> and compares it with the answer once it's there.</summary>
    public void Begin(string model, int version, ReadRequest request, Reading answer, ModelCounts counts)
    {
        if (Interlocked.Increment(ref _underWay) > options.ShadowsAtOnce)
        {
            Interlocked.Decrement(ref _underWay);
            counts.Dropped();
            return;
        }
        // On the pool: the reader's own turn is for callers.
        _ = Task.Run(() => ReadAsync(model, version, request, answer, counts));
    }

    private async Task ReadAsync(string model, int version, ReadRequest request, Reading answer, ModelCounts counts)
    {
        long begun = time.GetTimestamp();
        try
        {
            Reading second = await services.GetRequiredService<ReadRouter>().ReadVersionAsync(model, version, request with { Bulk = true, Within = null });
            counts.Compared(answer, second, time.GetElapsedTime(begun).TotalMilliseconds, clock.GetUtcNow());
        }
        catch (Exception e) when (ReadFaults.IsBusy(e) || e is TooLateException)
        {
            counts.Dropped();
        }
        catch (Exception e)
        {
            counts.Failed(version);
            logger.LogWarning("Version {Version} of {Model} failed on a clip that another version read: {Reason}", version, model, e.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}
