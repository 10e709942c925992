namespace LipSol.Grains;

/// <summary>How grains write down what they keep.</summary>
internal static class PersistentStates
{
    /// <summary>Writes <paramref name="next"/> in the place of what is kept: an object of its own, so that readers aren't made to wait, and hold the one before. What can't be written isn't kept.</summary>
    public static async Task ReplaceAsync<TState>(this IPersistentState<TState> state, TState next)
    {
        TState before = state.State;
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State = before;
            throw;
        }
    }
}
