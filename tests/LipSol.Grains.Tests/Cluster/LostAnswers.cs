using System.Reflection;
using LipSol.Grains.Ports;

namespace LipSol.Grains.Tests.Cluster;

/// <summary>A metric store whose answer can be lost on the way: the points are written, and whoever wrote them hears of a failure.</summary>
internal sealed class LostAnswers
{
    private int _toLose, _toRefuse;

    /// <summary>The next append is carried out, and told as failed.</summary>
    public void LoseNext() => Interlocked.Increment(ref _toLose);

    /// <summary>The next reading of points fails.</summary>
    public void RefuseNextReading() => Interlocked.Increment(ref _toRefuse);

    public bool StillToRefuse => Volatile.Read(ref _toRefuse) > 0;

    public IMetricStore On(IMetricStore store)
    {
        IMetricStore losing = DispatchProxy.Create<IMetricStore, Proxy>();
        ((Proxy)losing).Store = store;
        ((Proxy)losing).IsLost = () => Interlocked.CompareExchange(ref _toLose, 0, 1) == 1;
        ((Proxy)losing).IsRefused = () => Interlocked.CompareExchange(ref _toRefuse, 0, 1) == 1;
        return losing;
    }

    private class Proxy : DispatchProxy
    {
        public IMetricStore Store { get; set; } = null!;
        public Func<bool> IsLost { get; set; } = null!;
        public Func<bool> IsRefused { get; set; } = null!;

        protected override object? Invoke(MethodInfo? method, object?[]? arguments)
        {
            if (method!.Name == nameof(IMetricStore.ReadAsync) && IsRefused()) throw new IOException("The store can't be read now.");
            object? answer = method.Invoke(Store, arguments);
            return method.Name == nameof(IMetricStore.AppendAsync) && IsLost() ? LoseAsync((Task<AppendedBatch>)answer!) : answer;
        }

        private static async Task<AppendedBatch> LoseAsync(Task<AppendedBatch> appended)
        {
            await appended;
            throw new IOException("The connection was lost while the answer was awaited.");
        }
    }
}
