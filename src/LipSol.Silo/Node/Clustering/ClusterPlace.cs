using LipSol.Contracts;
using LipSol.Storage;

namespace LipSol.Silo.Node;

/// <summary>
/// This node's entry in the cluster's list. It's made before anything else of the node starts, so that one of another version, with a name that is taken or a clock that is off
/// never gets as far as the others; renewed while the node lives; and taken out when it has stopped.
/// </summary>
internal sealed class ClusterPlace(NodeOptions options, StorageOptions storage, FatalErrors fatal, TimeProvider time, ILoggerFactory logs, ILogger<ClusterPlace> log) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(4);
    private readonly INodePresence presence = NodePresence.Open(storage, time);
    private readonly NodeIdentity self = new(options.Name, InstanceId.ReadOrCreate(options.DataFolder), Guid.NewGuid().ToString("N"), ContractVersion.Current, NodeVersion.Text.Split('+')[0]);

    /// <inheritdoc/>
    /// <exception cref="NodeRefusedException">The node may not be in the cluster.</exception>
    /// <exception cref="StorageException">The database can't be used.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await DatabaseSetup.PrepareAsync(storage, logs, cancellationToken);
        await presence.JoinAsync(self, cancellationToken);
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await presence.LeaveAsync(self, cancellationToken).WaitAsync(TimeSpan.FromSeconds(5), cancellationToken);
        }
        catch (Exception e)
        {
            log.LogInformation("The node's name stays taken for {Seconds:0} s: {Reason}", NodePresence.Expiry.TotalSeconds, e.Message);
        }
        await presence.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await presence.RenewAsync(self, stoppingToken);
            }
            catch (NodeRefusedException e)
            {
                fatal.End(e.Message.TrimEnd('.'));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whether the database is away is for DatabaseWatch to say.
                log.LogDebug(e, "The node's entry could not be renewed");
            }
        }
    }
}
