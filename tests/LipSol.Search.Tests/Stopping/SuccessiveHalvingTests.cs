namespace LipSol.Search.Tests.Stopping;

public sealed class SuccessiveHalvingTests
{
    private static readonly SuccessiveHalving Asha = new(3, 3);

    [Fact]
    public void Rungs_lie_a_factor_apart()
    {
        Assert.Empty(Asha.Reached(2));
        Assert.Equal([3], Asha.Reached(8));
        Assert.Equal([3, 9, 27, 81], Asha.Reached(100));
    }

    [Theory]
    [InlineData(0.5, new double[0], true)]
    [InlineData(0.5, new[] { 0.4 }, true)]
    [InlineData(0.5, new[] { 0.6 }, false)]
    [InlineData(0.5, new[] { 0.5 }, true)]
    [InlineData(0.5, new[] { 0.6, 0.1, 0.2 }, false)]
    [InlineData(0.5, new[] { 0.6, 0.1, 0.2, 0.3, 0.4 }, true)]
    [InlineData(0.5, new[] { 0.6, 0.7, 0.2, 0.3, 0.4 }, false)]
    [InlineData(double.NaN, new double[0], false)]
    [InlineData(double.PositiveInfinity, new double[0], false)]
    [InlineData(double.NegativeInfinity, new double[0], false)]
    [InlineData(0.5, new[] { double.NaN, double.NaN }, true)]
    [InlineData(0.5, new[] { double.PositiveInfinity }, true)]
    public void A_trial_goes_on_where_it_is_among_the_best_third_of_those_at_its_rung(double value, double[] others, bool goesOn)
    {
        Assert.Equal(goesOn, Asha.GoesOn(value, others, maximise: true));
        Assert.Equal(goesOn, Asha.GoesOn(-value, [.. others.Select(o => -o)], maximise: false));
    }

    [Fact]
    public void The_objective_is_the_best_value_and_passes_NaN_over()
    {
        Assert.Equal(3, Objective.Best([1, double.NaN, 3, 2], maximise: true));
        Assert.Equal(1, Objective.Best([1, double.NaN, 3, 2], maximise: false));
        Assert.True(double.IsNaN(Objective.Best([double.NaN], maximise: true)));
        Assert.True(double.IsNaN(Objective.Best([], maximise: false)));
        Assert.True(Objective.IsBetter(0, double.NaN, maximise: true));
        Assert.False(Objective.IsBetter(double.NaN, 0, maximise: true));
    }

    /// <summary>Trials whose accuracies grow along curves of different heights and speeds, which cross, with noise from epoch to epoch; four at a time, as they end.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void ASHA_finds_the_winner_of_full_training_or_one_within_its_noise_with_a_third_of_the_epochs(int seed)
    {
        const int trials = 60, epochs = 81;
        var random = new Random(seed);
        double[][] curves = [.. Enumerable.Range(0, trials).Select(_ =>
        {
            double height = 0.35 + 0.6 * random.NextDouble(), speed = 3 + 17 * random.NextDouble();
            return Enumerable.Range(1, epochs).Select(e => height * (1 - Math.Exp(-e / speed)) + 0.015 * (random.NextDouble() + random.NextDouble() - 1)).ToArray();
        })];
        double[] full = [.. curves.Select(c => Objective.Best(c, true))];

        (double[] found, int spent) = Simulate(curves, new SuccessiveHalving(9, 3), parallel: 4);
        double winner = full[Array.IndexOf(found, found.Max())];
        TestContext.Current.SendDiagnosticMessage($"seed {seed}: ASHA {winner:0.0000} with {spent} epochs, full training {full.Max():0.0000} with {trials * epochs}");
        Assert.True(spent <= trials * epochs / 3, $"{spent} of {trials * epochs} epochs");
        // The noise of one value is ±0.015; its best of 81 lies as high in every curve.
        Assert.True(winner >= full.Max() - 0.015, $"{winner} against {full.Max()}");
    }

    private static (double[] Found, int Spent) Simulate(double[][] curves, SuccessiveHalving asha, int parallel)
    {
        var rungs = new Dictionary<int, List<double>>();
        double[] found = [.. curves.Select(_ => double.NaN)];
        var running = new List<(int Trial, int Epoch)>();
        int next = 0, spent = 0;
        while (true)
        {
            while (running.Count < parallel && next < curves.Length) running.Add((next++, 0));
            if (running.Count == 0) return (found, spent);
            // Each in its turn: one epoch.
            (int trial, int epoch) = running[0];
            running.RemoveAt(0);
            spent++;
            found[trial] = Objective.Best([found[trial], curves[trial][epoch]], true);
            bool goesOn = true;
            if (asha.Reached(epoch + 1).LastOrDefault() == epoch + 1)
            {
                List<double> rung = rungs.TryGetValue(epoch + 1, out List<double>? there) ? there : rungs[epoch + 1] = [];
                goesOn = asha.GoesOn(found[trial], rung, true);
                rung.Add(found[trial]);
            }
            if (goesOn && epoch + 1 < curves[trial].Length) running.Add((trial, epoch + 1));
        }
    }
}
