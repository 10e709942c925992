using LipSol.Models.Training;

namespace LipSol.Models.Tests.Training;

public sealed class DiskRoomTests
{
    private static readonly IOException Full = new("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28);
    private readonly Phases _observer = new();

    [Fact]
    public void Training_waits_for_room_and_says_so()
    {
        var room = new DiskRoom(_observer, TimeProvider.System, CancellationToken.None);
        int tries = 0;
        Assert.True(room.Write(() => { if (++tries < 2) throw Full; }, 0.5, 70));
        Assert.Equal(2, tries);
        Assert.Equal([(DiskRoom.Phase, 0.5, 70L)], _observer.Seen);
    }

    [Fact]
    public void A_run_that_is_stopped_meanwhile_does_not_wait()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.False(new DiskRoom(_observer, TimeProvider.System, stop.Token).Write(() => throw Full, 0.5, 70));
    }

    [Fact]
    public void What_else_is_wrong_is_told_at_once() =>
        Assert.Throws<IOException>(() => new DiskRoom(_observer, TimeProvider.System, CancellationToken.None).Write(() => throw new IOException("The device is gone"), 0.5, 70));

    private sealed class Phases : ITrainingObserver
    {
        public List<(string Phase, double Fraction, long Step)> Seen { get; } = [];

        public void Metric(string name, long step, double value) { }

        public void Progress(string phase, double fraction, long step) => Seen.Add((phase, fraction, step));

        public void Checkpoint(WrittenCheckpoint checkpoint) { }
    }
}
