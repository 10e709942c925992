namespace LipSol.Models.Training;

/// <summary>Warm-up, then half a cosine down to 0 (Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983).</summary>
internal readonly record struct LearningRate(double Largest, long WarmupSteps, long Steps)
{
    public double At(long step) => step < WarmupSteps
        ? Largest * (step + 1) / WarmupSteps
        : Largest * 0.5 * (1 + Math.Cos(Math.PI * (step - WarmupSteps) / Math.Max(1, Steps - WarmupSteps)));
}
