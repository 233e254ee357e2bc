"""What Meltano Hub and Meltano are told of the taps, made from what the taps tell of themselves."""
